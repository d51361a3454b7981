import type { TracedGraph, TracedValue } from "../trace/graph.ts";
import { type BlockedValue, type ChannelLayout, isPlain, placesOf } from "./blocked/layout.ts";
import type { Initializer, OnnxAttribute, OnnxGraph, OnnxNode, OnnxValue } from "../onnx/model.ts";

/** Domain of ONNX Runtime's own operators. */
export const MICROSOFT = "com.microsoft";

/** Domain of ONNX Runtime's operators on tensors whose channels lie in blocks. */
export const NCHWC = "com.microsoft.nchwc";

interface EmitOptions {
  attributes?: Record<string, OnnxAttribute>;
  domain?: string;
  /** How many outputs the operator has; 1 unless told. */
  outputs?: number;
}

/** Whether two shapes are the same. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, i) => extent === b[i]);
}

/**
 * Collects ONNX nodes for traced values. Equal nodes are emitted once.
 *
 * tfjs's gradients broadcast by multiplying with tensors of ones. Here such a value keeps the smaller tensor it came
 * from (its stored shape) and is expanded only where an operator needs the full shape.
 */
export class GraphBuilder {
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers: Initializer[] = [];
  readonly #inputs: OnnxValue[] = [];
  readonly #names = new Map<number, string>();
  readonly #stored = new Map<number, number[]>();
  readonly #blocked = new Map<number, BlockedValue>();
  readonly #emitted = new Map<string, string[]>();
  readonly #constants = new Map<string, string>();
  #serial = 0;

  /**
   * @param graph the recording
   * @param blockSize channels that lie together in a blocked tensor on this processor; 0 where there are no operators on
   *   such tensors
   * @param fused whether a product may transpose its operands itself (FusedMatMul, which only the CPU has)
   */
  constructor(readonly graph: TracedGraph, readonly blockSize = 0, readonly fused = true) {}

  /** The traced value with this index. */
  value(id: number): TracedValue {
    return this.graph.values[id];
  }

  /** Adds an operator, or finds the equal one that is already there; returns the names of its outputs. */
  emit(op: string, inputs: string[], { attributes = {}, domain = "", outputs = 1 }: EmitOptions = {}): string[] {
    const key = JSON.stringify([domain, op, inputs, attributes]);
    let names = this.#emitted.get(key);
    if (!names) {
      names = Array.from({ length: outputs }, () => `t${this.#serial++}`);
      this.#nodes.push({ op, domain, inputs, outputs: names, attributes });
      this.#emitted.set(key, names);
    }
    return names;
  }

  /** Adds an operator with one output; returns its name. */
  emitOne(op: string, inputs: string[], attributes: Record<string, OnnxAttribute> = {}, domain = ""): string {
    return this.emit(op, inputs, { attributes, domain })[0];
  }

  /**
   * A matrix product of the last two axes.
   *
   * @param rank dimensions of the operands
   */
  product(a: string, b: string, { transA = 0, transB = 0 }: { transA?: 0 | 1; transB?: 0 | 1 }, rank: number): string {
    if (this.fused) return this.emitOne("FusedMatMul", [a, b], { transA, transB }, MICROSOFT);
    const perm = [...Array.from({ length: rank - 2 }, (_, axis) => axis), rank - 1, rank - 2];
    const turned = (x: string, wanted: 0 | 1) => wanted ? this.emitOne("Transpose", [x], { perm }) : x;
    return this.emitOne("MatMul", [turned(a, transA), turned(b, transB)]);
  }

  /** A one-dimensional int64 constant: shapes, axes, sizes. */
  int64(values: readonly number[]): string {
    return this.#constant(`int64 ${values}`, [values.length], "int64", () => new BigInt64Array(values.map(BigInt)));
  }

  /** A scalar. */
  scalar(value: number, dtype: "float32" | "int32" = "float32"): string {
    const data = dtype === "float32" ? new Float32Array([value]) : new Int32Array([value]);
    return this.#constant(`${dtype} ${value}`, [], dtype, () => data);
  }

  #constant(key: string, shape: number[], dtype: Initializer["dtype"], data: () => ArrayBufferView): string {
    let name = this.#constants.get(key);
    if (name === undefined) {
      name = `c${this.#serial++}`;
      this.#initializers.push({ name, shape, dtype, data: data() });
      this.#constants.set(key, name);
    }
    return name;
  }

  /** Says under which name a value is to be found, and with which shape if not its own. */
  set(id: number, name: string, stored: readonly number[] = this.value(id).shape): void {
    this.#names.set(id, name);
    this.#stored.set(id, [...stored]);
  }

  /** Says under which name a value [N, C, H, W] is to be found whose channels lie in blocks. */
  setBlocked(id: number, name: string, layout: ChannelLayout): void {
    this.#blocked.set(id, { name, layout });
  }

  /** Name and layout of a value that is there in blocks; nothing of one that is not. */
  blocked(id: number): BlockedValue | undefined {
    return this.#blocked.get(id);
  }

  /** Name of a value that may be smaller than its shape says: for operators that broadcast. */
  small(id: number): string {
    const known = this.#names.get(id);
    if (known !== undefined) return known;
    const value = this.value(id), blocked = this.#blocked.get(id);
    if (blocked) {
      const channels = { channels: blocked.layout.length };
      const plain = this.emitOne("ReorderOutput", [blocked.name], channels, NCHWC);
      this.set(
        id,
        isPlain(blocked.layout) ? plain : this.emitOne("Gather", [plain, this.int64(placesOf(blocked.layout))], {
          axis: 1,
        }),
      );
      return this.#names.get(id)!;
    }
    if (value.input !== undefined) {
      this.#inputs.push({ name: value.input, dtype: value.dtype as "float32" | "int32", shape: value.shape });
      this.set(id, value.input);
    } else if (value.uniform !== undefined && value.dtype === "float32") {
      this.set(id, this.scalar(value.uniform), []);
    } else if (value.data) {
      const dtype = value.dtype === "float32" ? "float32" : "int32";
      const data = dtype === "float32" ? Float32Array.from(value.data) : Int32Array.from(value.data);
      this.set(id, this.#constant(`value ${id}`, value.shape, dtype, () => data));
    } else {
      throw new Error(`Cannot lower the graph: value ${id} is used before it is computed`);
    }
    return this.#names.get(id)!;
  }

  /** Shape of what {@link small} names. */
  storedShape(id: number): number[] {
    this.small(id);
    return this.#stored.get(id)!;
  }

  /** Name of a value in its full shape. */
  full(id: number): string {
    const name = this.small(id), { shape } = this.value(id);
    if (sameShape(this.storedShape(id), shape)) return name;
    return this.emitOne("Expand", [name, this.int64(shape)]);
  }

  /** Whether a value is a constant full of ones. */
  isOnes(id: number): boolean {
    return this.value(id).data !== undefined && this.value(id).uniform === 1;
  }

  /** The finished graph; every output gets the name it is fetched by. */
  finish(outputs: Record<string, number>): OnnxGraph {
    const wanted = Object.entries(outputs).map(([name, id]) => ({ name, from: this.full(id), id }));
    const produced = new Set(this.#nodes.flatMap((node) => node.outputs)), names = new Map<string, string>();
    for (const { name, from } of wanted) {
      // A node writes to the output itself, unless it is an input or constant, or another output already.
      if (produced.has(from) && !names.has(from)) names.set(from, name);
      else this.#nodes.push({ op: "Identity", domain: "", inputs: [from], outputs: [name], attributes: {} });
    }
    const rename = (list: string[]) => list.map((name) => names.get(name) ?? name);
    const nodes = this.#nodes.map((node) => ({ ...node, inputs: rename(node.inputs), outputs: rename(node.outputs) }));
    const values = wanted.map(({ name, id }): OnnxValue => ({ name, dtype: "float32", shape: this.value(id).shape }));
    return { nodes, initializers: this.#initializers, inputs: this.#inputs, outputs: values };
  }
}
