import * as tf from "@tensorflow/tfjs-core";
import { type Gradient, withGradient } from "../../engine/fusedKernel.ts";
import { gatherRows, gelu, layerNorm } from "../../engine/ops.ts";
import type { InputSpec, Parameters, Program } from "../../engine/program.ts";
import { gridSize, patchLength, tokenCount } from "../../models/config.ts";
import { sincosPosEmbed2d } from "../../models/posEmbed.ts";
import { block, namedLinear, namedNorm, prependClassToken } from "../../models/vit.ts";
import { type MaeConfig, maskCounts, targetLength } from "./config.ts";
import { maeParameters } from "./parameters.ts";

/** What a program of a masked autoencoder is built for. */
export interface MaeOptions {
  config: MaeConfig;
  /** Masked views in a pass: images times views. */
  rows: number;
  /** Outputs the predictions of masked and visible patches, too, for looking at. */
  looked?: boolean;
  /** Positions of the encoder's and the decoder's tokens, class token first, [N+1, D] and [N+1, d]; sin-cos unless given. */
  positions?: { encoder: Float32Array; decoder: Float32Array };
}

/** Inputs of the program; see `maeFeeds`. R views, V visible and M masked patches of N. */
export function maeInputs({ config, rows: R }: MaeOptions): Record<string, InputSpec> {
  const N = tokenCount(config), { visible: V, masked: M } = maskCounts(config), C = targetLength(config);
  return {
    patches: { shape: [R * V, patchLength(config)], dtype: "float32" },
    visible: { shape: [R * V], dtype: "int32" },
    sources: { shape: [R * (N + 1)], dtype: "int32" },
    sourcesInverse: { shape: [R * (V + 1) + 1], dtype: "int32" },
    isMasked: { shape: [R * (N + 1), 1], dtype: "float32" },
    maskedRows: { shape: [R * M], dtype: "int32" },
    maskedInverse: { shape: [R * (N + 1)], dtype: "int32" },
    target: { shape: [R * M, C], dtype: "float32" },
    ...(config.visible && { targetVisible: { shape: [R * V, C], dtype: "float32" as const } }),
  };
}

/**
 * A masked autoencoder (He et al. 2022): the encoder sees the visible patches, a decoder of several blocks predicts the masked ones
 * from them and mask tokens; with `visible` a second branch predicts the visible ones' targets (DMJD).
 *
 * Outputs: `loss`, `lossMasked` (mean squared error of the masked patches) and with the branch `lossVisible` (smooth L1, beta 2).
 */
export function maeProgram(options: MaeOptions): Program {
  const { config, rows, looked } = options;
  return {
    parameters: maeParameters(config),
    inputs: maeInputs(options),
    build(p, inputs) {
      const latent = encode(p, inputs, options); // [R*(V+1), D]
      const predicted = decode(p, latent, inputs, options); // [R*M, C]
      const lossMasked = tf.mean(tf.squaredDifference(predicted, inputs.target));
      const seen: Record<string, tf.Tensor> = looked ? { latent, predicted } : {};
      if (!config.visible) return { loss: lossMasked, lossMasked, ...seen };
      const own = predictVisible(p, patchRows(latent, rows, config.embedDim), config); // [R*V, C]
      const lossVisible = smoothL1(tf.sub(own, inputs.targetVisible));
      const loss = tf.add(lossMasked, tf.mul(lossVisible, config.visible.weight));
      return { loss, lossMasked, lossVisible, ...(looked && { ...seen, predictedVisible: own }) };
    },
  };
}

function encode(p: Parameters, inputs: Record<string, tf.Tensor>, options: MaeOptions): tf.Tensor {
  const { config, rows } = options, { embedDim: dim, numHeads: heads, depth } = config;
  const size = { batch: rows, tokens: maskCounts(config).visible + 1, dim, heads };
  const fixed = options.positions?.encoder ?? sincosPosEmbed2d(dim, gridSize(config));
  const positions = tf.tensor2d(fixed.slice(dim), [tokenCount(config), dim]);
  const embedded = namedLinear(p, "patch_embed.proj", inputs.patches); // [R*V, D]
  let x = tf.add(embedded, tf.gather(positions, inputs.visible as tf.Tensor1D));
  x = prependClassToken(x, p("cls_token"), size); // [R*(V+1), D]
  for (let i = 0; i < depth; i++) x = block(p, `blocks.${i}`, x, size);
  return namedNorm(p, "norm", x);
}

/** [R*(V+1), D] to the predictions of the masked patches, ascending within a view, [R*M, C]. */
function decode(
  p: Parameters,
  latent: tf.Tensor,
  inputs: Record<string, tf.Tensor>,
  { config, rows, positions: given }: MaeOptions,
): tf.Tensor {
  const { decoderDim: dim, decoderHeads: heads, decoderDepth } = config, tokens = tokenCount(config) + 1;
  const narrow = namedLinear(p, "decoder_embed", latent); // [R*(V+1), d]
  // A row of zeros stands where a mask token goes.
  const padded = tf.concat([narrow, tf.zeros([1, dim])], 0);
  const placed = gatherRows(padded, inputs.sources, inputs.sourcesInverse); // [R*(N+1), d]
  const withMask = tf.add(placed, tf.mul(inputs.isMasked, tf.reshape(p("mask_token"), [1, dim])));
  const positions = tf.tensor3d(given?.decoder ?? sincosPosEmbed2d(dim, gridSize(config)), [1, tokens, dim]);
  const whole = tf.add(tf.reshape(withMask, [rows, tokens, dim]), positions);
  let x: tf.Tensor = tf.reshape(whole, [rows * tokens, dim]);
  for (let i = 0; i < decoderDepth; i++) {
    x = block(p, `decoder_blocks.${i}`, x, { batch: rows, tokens, dim, heads });
  }
  const masked = gatherRows(x, inputs.maskedRows, inputs.maskedInverse); // [R*M, d]
  return namedLinear(p, "decoder_pred", namedNorm(p, "decoder_norm", masked));
}

/** The rows of the patches, class tokens left out: [R*(V+1), D] to [R*V, D]. */
function patchRows(latent: tf.Tensor, rows: number, dim: number): tf.Tensor {
  const tokens = latent.shape[0] / rows;
  const [, patches] = tf.split(tf.reshape(latent, [rows, tokens, dim]), [1, tokens - 1], 1);
  return tf.reshape(patches, [rows * (tokens - 1), dim]);
}

/** Projector and predictor of single tokens: [R*V, D] to [R*V, C]. */
function predictVisible(p: Parameters, x: tf.Tensor, { visible, decoderDim: dim }: MaeConfig): tf.Tensor {
  let h = namedLinear(p, "proj_embed.0", x);
  if (visible!.projector === "mlp3") {
    h = namedLinear(p, "proj_embed.3", gelu(namedNorm(p, "proj_embed.1", h)));
    h = namedLinear(p, "proj_embed.6", gelu(namedNorm(p, "proj_embed.4", h)));
    h = plainNorm(h, dim);
  }
  return namedLinear(p, "predictor.0", h);
}

/** A layer normalisation without weights, eps 1e-6. */
function plainNorm(x: tf.Tensor, width: number): tf.Tensor {
  return layerNorm(x, tf.ones([width]), tf.zeros([width]));
}

/** Mean of 0.5 d^2 / 2 where |d| <= 2, and |d| - 1 beyond (DMJD eq. 5, beta = 2). */
function smoothL1(difference: tf.Tensor): tf.Tensor {
  const each = withGradient([difference], (save, d) => {
    save([d]);
    const size = tf.abs(d), near = tf.minimum(size, 2);
    // 0.25 near^2 + (size - near): the second term is 0 up to 2.
    const value = tf.add(tf.mul(tf.square(near), 0.25), tf.sub(size, near));
    const gradFunc: Gradient = (dy, [d]) => [tf.mul(dy, tf.mul(tf.minimum(tf.maximum(d, -2), 2), 0.5))];
    return { value, gradFunc };
  });
  return tf.mean(each);
}
