import * as tf from "@tensorflow/tfjs-core";
import type { Parameters } from "../engine/program.ts";
import { type EncoderConfig, gridSize, tokenCount } from "./config.ts";
import { encoderBlock } from "./encoderBlock.ts";
import { encodeHybrid, isHybrid, wholeImages } from "./hybrid.ts";
import { relativeBias } from "./relativePositions.ts";
import { isSwin } from "./swin/config.ts";
import { encodeSwin } from "./swin/encode.ts";
import { namedLinear, prependClassToken } from "./vit.ts";

/** What an encoder that sees whole images is given beside its parameters. */
export interface WholeImages {
  /** All patches, [B*N, 3*p*p]. */
  patches: tf.Tensor;
  batch: number;
  /** Positions of the tokens, [1, N+1, D], or [1, N, D] with convolution stages; not looked at where they are relative. */
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

/** What of the encoder's last tokens is the feature of an image: the mean of the patch tokens, or the class token. */
export type Pool = "mean" | "cls";

/** The features of images that are seen whole, by any encoder: [B, D]. One with stages has no class token. */
export function pooledFeatures(
  p: Parameters,
  config: EncoderConfig,
  images: WholeImages,
  pool: Pool = "mean",
): tf.Tensor {
  const N = tokenCount(config), { embedDim: dim } = config, { patches, batch, positions, keep } = images;
  if (isHybrid(config)) {
    const layout = wholeImages(batch, gridSize(config));
    const x = encodeHybrid(p, config, patches, { layout, positions: positions!(), fused: false, keep });
    return tf.mean(tf.reshape(x, [batch, N, dim]), 1);
  }
  if (isSwin(config)) return tf.mean(tf.reshape(encodeSwin(p, config, patches, { batch, keep }), [batch, N, dim]), 1);
  const x = encodeWhole(p, config, images);
  const weights = pool === "mean" ? [0, ...new Array<number>(N).fill(1 / N)] : [1, ...new Array<number>(N).fill(0)];
  const share = tf.tensor3d(weights, [1, N + 1, 1]);
  return tf.sum(tf.mul(tf.reshape(x, [batch, N + 1, dim]), share), 1);
}
