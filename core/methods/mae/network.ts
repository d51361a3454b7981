import * as tf from "@tensorflow/tfjs-core";
import { gatherRows, gelu } from "../../engine/ops.ts";
import type { Parameters } from "../../engine/program.ts";
import { classTokens, gridSize, tokenCount } from "../../models/config.ts";
import { sincosPosEmbed2d } from "../../models/posEmbed.ts";
import { block, embedVisible, namedLinear, namedNorm, plainNorm } from "../../models/vit.ts";
import { type MaeConfig, type MaeOptions, maskCounts } from "./config.ts";

/** Visible patches through the encoder and its norm, class tokens first, [R*(V+1), D]. */
export function encode(p: Parameters, inputs: Record<string, tf.Tensor>, options: MaeOptions): tf.Tensor {
  const { config, rows, positions: given } = options, { embedDim: dim, numHeads: heads, depth } = config;
  const size = { batch: rows, tokens: maskCounts(config).visible + 1, dim, heads };
  const positions = given?.encoder.slice(dim) ?? sincosPosEmbed2d(dim, gridSize(config), 0);
  let x = embedVisible(p, inputs, positions, size); // [R*(V+1), D]
  for (let i = 0; i < depth; i++) x = block(p, `blocks.${i}`, x, size);
  return namedNorm(p, "norm", x);
}

/** [R*(V+1), D] to the predictions of the masked patches, ascending within a view, [R*M, C]. */
export function decode(
  p: Parameters,
  latent: tf.Tensor,
  inputs: Record<string, tf.Tensor>,
  options: MaeOptions,
): tf.Tensor {
  const x = decodeTokens(p, latent, inputs, options);
  return predictTokens(p, gatherRows(x, inputs.maskedRows, inputs.maskedInverse)); // [R*M, C]
}

/** Norm and head of the decoder, [rows, d] to [rows, C]. */
export function predictTokens(p: Parameters, x: tf.Tensor): tf.Tensor {
  return namedLinear(p, "decoder_pred", namedNorm(p, "decoder_norm", x));
}

/** [R*(V+1), D] to what the decoder's blocks make of all tokens, [R*(N+1), d]. */
export function decodeTokens(
  p: Parameters,
  latent: tf.Tensor,
  inputs: Record<string, tf.Tensor>,
  { config, rows, positions: given }: MaeOptions,
): tf.Tensor {
  const { decoderDim: dim, decoderHeads: heads, decoderDepth } = config, cls = classTokens(config);
  const tokens = tokenCount(config) + cls, fixed = given?.decoder ?? sincosPosEmbed2d(dim, gridSize(config), cls);
  const narrow = namedLinear(p, "decoder_embed", latent); // [R*(V+1), d]
  // A row of zeros stands where a mask token goes.
  const padded = tf.concat([narrow, tf.zeros([1, dim])], 0);
  const placed = gatherRows(padded, inputs.sources, inputs.sourcesInverse); // [R*(N+1), d]
  const withMask = tf.add(placed, tf.mul(inputs.isMasked, tf.reshape(p("mask_token"), [1, dim])));
  const positions = tf.tensor3d(fixed, [1, tokens, dim]);
  const whole = tf.add(tf.reshape(withMask, [rows, tokens, dim]), positions);
  let x: tf.Tensor = tf.reshape(whole, [rows * tokens, dim]);
  for (let i = 0; i < decoderDepth; i++) {
    x = block(p, `decoder_blocks.${i}`, x, { batch: rows, tokens, dim, heads });
  }
  return x;
}

/** Projector and predictor of single tokens: [R*V, D] to [R*V, C]. */
export function predictVisible(p: Parameters, x: tf.Tensor, { visible }: MaeConfig): tf.Tensor {
  let h = namedLinear(p, "proj_embed.0", x);
  if (visible!.projector === "mlp3") {
    h = namedLinear(p, "proj_embed.3", gelu(namedNorm(p, "proj_embed.1", h)));
    h = namedLinear(p, "proj_embed.6", gelu(namedNorm(p, "proj_embed.4", h)));
    h = plainNorm(h);
  }
  return namedLinear(p, "predictor.0", h);
}
