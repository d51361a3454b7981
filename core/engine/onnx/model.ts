/** Element types of ONNX tensors used here. */
export type OnnxType = "float32" | "int32" | "int64" | "bool";

/** A constant inside the model. */
export interface Initializer {
  name: string;
  shape: number[];
  dtype: OnnxType;
  data: ArrayBufferView;
}

/** An attribute of a node: ints and lists of ints, `{ float }` or `{ text }`. */
export type OnnxAttribute = number | number[] | { float: number } | { text: string };

/** One operator call. */
export interface OnnxNode {
  op: string;
  /** Empty for the standard operators, "com.microsoft" and "com.microsoft.nchwc" for ONNX Runtime's own. */
  domain: string;
  inputs: string[];
  outputs: string[];
  attributes: Record<string, OnnxAttribute>;
}

/** Name, type and shape of a graph input or output. */
export interface OnnxValue {
  name: string;
  dtype: OnnxType;
  shape: number[];
}

/** A whole graph, nodes in order of execution. */
export interface OnnxGraph {
  nodes: OnnxNode[];
  initializers: Initializer[];
  inputs: OnnxValue[];
  outputs: OnnxValue[];
}
