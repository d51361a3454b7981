import { UserError } from "../errors.ts";
import { type ParameterSpec, sizeOf } from "./program.ts";

/** The five numbers kept for every weight. */
export const REGIONS = ["value", "moment1", "moment2", "gradient", "sum"] as const;
/** `value` is the weight itself, `moment1` and `moment2` AdamW's state, `sum` the gradient summed over micro-batches. */
export type Region = typeof REGIONS[number];

/** Tensors start at multiples of 16 floats (one cache line), so SIMD loops need no tail. */
const ALIGN = 16;
const PAGE = 65536;

/**
 * One block of memory that holds all parameters of a model with their optimiser state.
 *
 * It is WebAssembly memory: ONNX Runtime reads weights and writes gradients in place through its address, and the SIMD
 * optimiser runs over it without a copy, on several threads. It never grows, so views stay valid.
 */
export class Arena {
  readonly memory: WebAssembly.Memory;
  readonly #places = new Map<string, { offset: number; shape: number[] }>();
  readonly #floats: number;

  /**
   * @param specs the tensors to hold
   * @param regions how many of {@link REGIONS} are wanted: 1 for inference, 4 for training, 5 with accumulation
   * @throws {UserError} when they are too large
   */
  constructor(specs: readonly ParameterSpec[], regions: 1 | 4 | 5 = 4) {
    let offset = 0;
    for (const { name, shape } of specs) {
      if (this.#places.has(name)) throw new RangeError(`Cannot lay out parameters: '${name}' is there twice`);
      this.#places.set(name, { offset, shape: [...shape] });
      offset += Math.ceil(sizeOf(shape) / ALIGN) * ALIGN;
    }
    this.#floats = offset;
    const pages = Math.max(1, Math.ceil(offset * 4 * regions / PAGE));
    if (pages > 65536) {
      const wanted = (pages * PAGE / 2 ** 30).toFixed(1);
      throw new UserError(`Cannot lay out parameters with their state: ${wanted} GiB wanted, 4 GiB fit`);
    }
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  }

  /** Names in order of layout. */
  names(): string[] {
    return [...this.#places.keys()];
  }

  /** The shape of a parameter. */
  shape(name: string): number[] {
    return this.#place(name).shape;
  }

  /** Whether the arena holds this parameter. */
  has(name: string): boolean {
    return this.#places.has(name);
  }

  /** A view of one tensor in one region; writing to it changes the parameter. */
  view(name: string, region: Region = "value"): Float32Array<ArrayBuffer> {
    return this.stretch(this.address(name, region), sizeOf(this.shape(name)));
  }

  /** Byte offset of a tensor in {@link memory}. */
  address(name: string, region: Region): number {
    return (REGIONS.indexOf(region) * this.#floats + this.#place(name).offset) * 4;
  }

  /** A view of `floats` floats from a byte offset on, whatever tensors lie there. */
  stretch(offset: number, floats: number): Float32Array<ArrayBuffer> {
    // The memory is shared with helper threads, which rest while others use views: FFI and copies take it as any other.
    return new Float32Array(this.memory.buffer as ArrayBuffer, offset, floats);
  }

  /** Weights and both moments of all tensors, as one piece. */
  state(): Float32Array<ArrayBuffer> {
    return this.stretch(0, REGIONS.indexOf("gradient") * this.#floats);
  }

  /** Number of floats reserved for a tensor: its size, rounded up to the alignment; the tail stays zero. */
  padded(name: string): number {
    return Math.ceil(sizeOf(this.shape(name)) / ALIGN) * ALIGN;
  }

  #place(name: string) {
    const place = this.#places.get(name);
    if (!place) throw new RangeError(`Cannot find parameter '${name}': the arena holds ${this.#places.size} others`);
    return place;
  }
}
