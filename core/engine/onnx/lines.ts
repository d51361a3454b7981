import type { Initializer, OnnxAttribute, OnnxGraph, OnnxNode, OnnxType, OnnxValue } from "./model.ts";

/** Writes a graph by hand, a line an operator. */
export class GraphLines {
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers: Initializer[] = [];
  readonly #inputs: OnnxValue[] = [];
  readonly #outputs: OnnxValue[] = [];

  /** An input; returns its name. */
  input(name: string, shape: number[], dtype: OnnxType = "float32"): string {
    this.#inputs.push({ name, dtype, shape });
    return name;
  }

  /** A constant number. */
  number(value: number): string {
    const name = `number ${value}`;
    if (!this.#initializers.some((known) => known.name === name)) {
      this.#initializers.push({ name, dtype: "float32", shape: [], data: new Float32Array([value]) });
    }
    return name;
  }

  /** Applies an operator; returns the name of what it gives. */
  op(op: string, inputs: string[], attributes: Record<string, OnnxAttribute> = {}): string {
    const output = `line ${this.#nodes.length}`;
    this.#nodes.push({ op, domain: "", inputs, outputs: [output], attributes });
    return output;
  }

  /** Applies an operator whose result is an output of the graph; returns its name. */
  output(name: string, shape: number[], op: string, inputs: string[]): string {
    this.#nodes.push({ op, domain: "", inputs, outputs: [name], attributes: {} });
    this.#outputs.push({ name, dtype: "float32", shape });
    return name;
  }

  /** The graph. */
  graph(): OnnxGraph {
    return { nodes: this.#nodes, initializers: this.#initializers, inputs: this.#inputs, outputs: this.#outputs };
  }
}
