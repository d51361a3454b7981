import * as tf from "@tensorflow/tfjs-core";
import type { Program } from "../../core/engine/program.ts";
import { blockParameters, type ModelParameter } from "../../core/models/parameters.ts";
import { block } from "../../core/models/vit.ts";

/** A stack of transformer blocks that is trained alone. */
export interface Blocks {
  depth: number;
  dim: number;
  heads: number;
  tokens: number;
  batch: number;
}

const MLP_RATIO = 4;

/** The parameters of the stack. */
export function blocksParameters({ depth, dim }: Blocks): ModelParameter[] {
  return Array.from({ length: depth }, (_, k) => blockParameters(`blocks.${k}`, dim, MLP_RATIO)).flat();
}

/** The blocks of a vision transformer and the mean squared error to a target. Inputs `x` and `target`, [B*T, D]. */
export function blocksProgram(size: Blocks): Program {
  const shape = [size.batch * size.tokens, size.dim];
  return {
    parameters: blocksParameters(size),
    inputs: { x: { shape, dtype: "float32" }, target: { shape, dtype: "float32" } },
    build(p, inputs) {
      let x = inputs.x;
      for (let k = 0; k < size.depth; k++) x = block(p, `blocks.${k}`, x, size);
      return { loss: tf.mean(tf.squaredDifference(x, inputs.target)) };
    },
  };
}
