import { UserError } from "../errors.ts";
import { type ParameterSpec, sizeOf } from "./program.ts";

/** The five numbers kept for every weight. */
export const REGIONS = ["value", "moment1", "moment2", "gradient", "sum"] as const;
/** `value` is the weight itself, `moment1` and `moment2` AdamW's state, `sum` the gradient summed over micro-batches. */
export type Region = typeof REGIONS[number];

/** Tensors start at multiples of 16 floats (one cache line), so SIMD loops need no tail. */
const ALIGN = 16;
const PAGE = 65536;
/** Bytes between the addresses of two banks: what 32 bits can tell apart. */
export const BANK_BYTES = 2 ** 32;
/** Pages of a bank, at most. One less than there could be: the kernels' loops end at an address, which has to be one. */
const BANK_PAGES = BANK_BYTES / PAGE - 1;

/** Some tensors with all their regions, in a memory of their own. */
interface Bank {
  /** Floats of a region. */
  floats: number;
  memory: WebAssembly.Memory;
}

/**
 * The memory that holds all parameters of a model with their optimiser state: one bank, or several where 4 GiB are too few
 * (ViT-L with AdamW's state takes 5).
 *
 * It is WebAssembly memory: ONNX Runtime reads weights and writes gradients in place through its address, and the SIMD
 * optimiser runs over it without a copy, on several threads. It never grows, so views stay valid.
 */
export class Arena {
  readonly #places = new Map<string, { bank: number; offset: number; shape: number[] }>();
  readonly #banks: Bank[];

  /**
   * @param specs the tensors to hold
   * @param regions how many of {@link REGIONS} are wanted: 1 for inference, 4 for training, 5 with accumulation
   * @param pages of 64 KiB that a bank may have
   * @throws {UserError} when a tensor fits into no bank
   */
  constructor(specs: readonly ParameterSpec[], regions: 1 | 4 | 5 = 4, pages = BANK_PAGES) {
    const room = Math.floor(pages * PAGE / Float32Array.BYTES_PER_ELEMENT / regions / ALIGN) * ALIGN, floats = [0];
    for (const { name, shape } of specs) {
      if (this.#places.has(name)) throw new RangeError(`Cannot lay out parameters: '${name}' is there twice`);
      const size = paddedSize(shape);
      if (size > room) throw new UserError(`Cannot lay out parameters: '${name}' has ${size} numbers, ${room} fit`);
      if (floats.at(-1)! + size > room) floats.push(0);
      const bank = floats.length - 1;
      this.#places.set(name, { bank, offset: floats[bank], shape: [...shape] });
      floats[bank] += size;
    }
    this.#banks = floats.map((floats) => ({ floats, memory: memoryOf(floats * regions) }));
  }

  /** The memory of each bank. */
  memories(): WebAssembly.Memory[] {
    return this.#banks.map(({ memory }) => memory);
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

  /** Address of a tensor, in bytes: its bank times {@link BANK_BYTES}, plus its offset in the bank's memory. */
  address(name: string, region: Region): number {
    const { bank, offset } = this.#place(name);
    return bank * BANK_BYTES + (REGIONS.indexOf(region) * this.#banks[bank].floats + offset) * 4;
  }

  /** A view of `floats` floats of a bank from an address on, whatever tensors lie there. */
  stretch(address: number, floats: number): Float32Array<ArrayBuffer> {
    const { memory } = this.#banks[bankOf(address)];
    // The memory is shared with helper threads, which rest while others use views: FFI and copies take it as any other.
    return new Float32Array(memory.buffer as ArrayBuffer, address % BANK_BYTES, floats);
  }

  /** Weights and both moments of all tensors, a piece a bank. */
  state(): Float32Array<ArrayBuffer>[] {
    return this.#banks.map(({ floats }, bank) => this.stretch(bank * BANK_BYTES, REGIONS.indexOf("gradient") * floats));
  }

  /** Number of floats reserved for a tensor: its size, rounded up to the alignment; the tail stays zero. */
  padded(name: string): number {
    return paddedSize(this.shape(name));
  }

  #place(name: string) {
    const place = this.#places.get(name);
    if (!place) throw new RangeError(`Cannot find parameter '${name}': the arena holds ${this.#places.size} others`);
    return place;
  }
}

/** The bank of an address. */
export function bankOf(address: number): number {
  return Math.floor(address / BANK_BYTES);
}

function paddedSize(shape: readonly number[]): number {
  return Math.ceil(sizeOf(shape) / ALIGN) * ALIGN;
}

function memoryOf(floats: number): WebAssembly.Memory {
  const pages = Math.max(1, Math.ceil(floats * Float32Array.BYTES_PER_ELEMENT / PAGE));
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}
