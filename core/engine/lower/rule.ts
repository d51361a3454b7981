import * as tf from "@tensorflow/tfjs-core";
import type { TracedNode } from "../trace/graph.ts";
import type { GraphBuilder } from "./builder.ts";

/** Emits the ONNX operators of one traced kernel call. */
export type LoweringRule = (builder: GraphBuilder, node: TracedNode) => void;

/** The value index of a single input. */
export function input(node: TracedNode, name: string): number {
  return node.inputs[name] as number;
}

/** Shape of an elementwise operation on what is stored of two values. */
export function storedBroadcast(builder: GraphBuilder, a: number, b: number): number[] {
  return tf.backend_util.assertAndGetBroadcastShape(builder.storedShape(a), builder.storedShape(b));
}
