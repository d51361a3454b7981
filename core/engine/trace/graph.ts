import type { DataType } from "@tensorflow/tfjs-core";

/** A tensor of the recorded program: an input, a constant, or the output of a node. */
export interface TracedValue {
  shape: number[];
  dtype: DataType;
  /** Present on constants. */
  data?: ArrayLike<number>;
  /** Present on constants whose elements are all equal: that element. */
  uniform?: number;
  /** Present on inputs: the name under which it is fed. */
  input?: string;
}

/** Attributes of a tfjs kernel, as the op passed them. */
export type Attributes = Record<string, unknown>;

/** One recorded kernel call. Values are named by their index in {@link TracedGraph.values}. */
export interface TracedNode {
  kernel: string;
  inputs: Record<string, number | number[]>;
  attributes: Attributes;
  outputs: number[];
}

/** A straight-line program of tfjs kernels, in order of execution. */
export interface TracedGraph {
  values: TracedValue[];
  nodes: TracedNode[];
}
