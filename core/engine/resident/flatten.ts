import type { Initializer, OnnxAttribute, OnnxGraph, OnnxNode } from "../onnx/model.ts";
import { GRADIENT, PARAMETER } from "../tracer.ts";
import { type PackedTensor, type Piece, ROW } from "./packing.ts";

/** Name of a piece's weights among a flattened step's inputs. */
export const weightsOf = (piece: number) => `weights:${piece}`;
/** Name of a piece's gradients among a flattened step's outputs. */
export const gradientsOf = (piece: number) => `gradients:${piece}`;

/**
 * Has a training step read its weights from pieces [rows, 16], and leave its gradients in others like them, instead of a tensor each.
 *
 * @param graph with an input `parameter:NAME` and an output `gradient:NAME` of every tensor of the pieces
 * @param pieces how the trained tensors are laid out
 */
export function flatten(graph: OnnxGraph, pieces: readonly Piece[]): OnnxGraph {
  const flat = new Flattening();
  const before = pieces.flatMap(({ tensors }, piece) =>
    tensors.flatMap((tensor) => flat.takeOut(weightsOf(piece), tensor))
  );
  const after = pieces.flatMap(({ tensors }, piece) => flat.putBack(gradientsOf(piece), tensors));
  const packed = new Set(pieces.flatMap(({ tensors }) => tensors.map(({ name }) => name)));
  const isOwn = (name: string, prefix: string) => name.startsWith(prefix) && packed.has(name.slice(prefix.length));
  const pieceValues = (name: (piece: number) => string) =>
    pieces.map(({ rows }, piece) => ({ name: name(piece), dtype: "float32" as const, shape: [rows, ROW] }));
  return {
    nodes: [...before, ...graph.nodes, ...after],
    initializers: [...graph.initializers, ...flat.initializers],
    inputs: [...graph.inputs.filter(({ name }) => !isOwn(name, PARAMETER)), ...pieceValues(weightsOf)],
    outputs: [...graph.outputs.filter(({ name }) => !isOwn(name, GRADIENT)), ...pieceValues(gradientsOf)],
  };
}

/** Makes the nodes around a step, and the constants that they want. */
class Flattening {
  readonly initializers: Initializer[] = [];
  readonly #known = new Set<string>();

  #constant(name: string, dtype: Initializer["dtype"], shape: number[], data: () => ArrayBufferView): string {
    if (!this.#known.has(name)) this.initializers.push({ name, dtype, shape, data: data() });
    this.#known.add(name);
    return name;
  }

  #int64(values: readonly number[]): string {
    return this.#constant(
      `flat:${values}`,
      "int64",
      [values.length],
      () => new BigInt64Array(values.map(BigInt)),
    );
  }

  #node(op: string, inputs: string[], output: string, attributes: Record<string, OnnxAttribute> = {}): OnnxNode {
    return { op, domain: "", inputs, outputs: [output], attributes };
  }

  /** A tensor out of its rows. A Split of all rows at once would have more outputs than a kernel can have buffers. */
  takeOut(weights: string, { name, shape, floats, row, rows }: PackedTensor): OnnxNode[] {
    const own = `flat:rows ${name}`,
      line = `flat:line ${name}`,
      exact = `flat:exact ${name}`,
      isWhole = floats === rows * ROW;
    const cut = this.#node("Slice", [weights, this.#int64([row]), this.#int64([row + rows])], own);
    const shaped = (from: string) => this.#node("Reshape", [from, this.#int64(shape)], PARAMETER + name);
    if (isWhole) return [cut, shaped(own)];
    return [
      cut,
      this.#node("Reshape", [own, this.#int64([rows * ROW])], line),
      this.#node("Slice", [line, this.#int64([0]), this.#int64([floats])], exact),
      shaped(exact),
    ];
  }

  /** The gradients of a piece's tensors behind each other, each from a new row on. */
  putBack(gradients: string, tensors: readonly PackedTensor[]): OnnxNode[] {
    const nodes: OnnxNode[] = [], parts: string[] = [];
    for (const { name, floats, rows } of tensors) {
      const gradient = GRADIENT + name, own = `flat:rows of gradient ${name}`, missing = rows * ROW - floats;
      let whole = gradient;
      if (missing > 0) {
        const line = `flat:line of gradient ${name}`, zeros = () => new Float32Array(missing);
        const rest = this.#constant(`flat:${missing} zeros`, "float32", [missing], zeros);
        whole = `flat:whole gradient ${name}`;
        nodes.push(this.#node("Reshape", [gradient, this.#int64([floats])], line));
        nodes.push(this.#node("Concat", [line, rest], whole, { axis: 0 }));
      }
      nodes.push(this.#node("Reshape", [whole, this.#int64([rows, ROW])], own));
      parts.push(own);
    }
    return [...nodes, this.#node("Concat", parts, gradients, { axis: 0 })];
  }
}
