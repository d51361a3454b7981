import * as tf from "@tensorflow/tfjs-core";
import type { Parameters } from "../engine/program.ts";
import { type EncoderConfig, gridSize, tokenCount } from "./config.ts";
import { encoderBlock } from "./encoderBlock.ts";
import { relativeBias } from "./relativePositions.ts";
import { namedLinear, prependClassToken } from "./vit.ts";

/** What an encoder that sees whole images is given beside its parameters. */
export interface WholeImages {
  /** All patches, [B*N, 3*p*p]. */
  patches: tf.Tensor;
  batch: number;
  /** Positions of the tokens, [1, N+1, D]; not looked at where they are relative. */
  positions?: () => tf.Tensor;
  /** Drop-path factors of all branches, [B, 1, 1] each. */
  keep?: tf.Tensor[];
}

/** A block's own biases by relative position; pre-trained encoders share one table (BEiT, SimMIM fine-tuning). */
export const ownTable = (block: number) => `blocks.${block}.attn.relative_position_bias_table`;

/** All tokens behind the last block of images that are seen whole, class token first: [B*(N+1), D]. */
export function encodeWhole(
  p: Parameters,
  config: EncoderConfig,
  { patches, batch, positions, keep }: WholeImages,
): tf.Tensor {
  const { embedDim: dim, numHeads: heads, depth } = config, relative = config.positions === "relative";
  const size = { batch, tokens: tokenCount(config) + 1, dim, heads };
  const embedded = namedLinear(p, "patch_embed.proj", patches); // [B*N, D]
  let x = prependClassToken(embedded, p("cls_token"), size);
  if (!relative) {
    const sequence = tf.reshape(x, [batch, size.tokens, dim]);
    x = tf.reshape(tf.add(sequence, positions!()), [batch * size.tokens, dim]);
  }
  for (let i = 0; i < depth; i++) {
    const bias = relative ? relativeBias(p(ownTable(i)), gridSize(config)) : undefined;
    x = encoderBlock(p, `blocks.${i}`, x, size, config, { bias, keep: keep?.slice(2 * i, 2 * i + 2) });
  }
  return x;
}
