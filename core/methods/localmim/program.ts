import * as tf from "@tensorflow/tfjs-core";
import { gatherRows, gelu, linear } from "../../engine/ops.ts";
import type { InputSpec, Parameters, Program } from "../../engine/program.ts";
import { gridSize, patchLength, tokenCount } from "../../models/config.ts";
import { type LocalMimConfig, targetChannels, visibleCount } from "./config.ts";
import { decode } from "./decoder.ts";
import { encoderParameters, stageParameters } from "./parameters.ts";
import { sincosPosEmbed2d } from "../../models/posEmbed.ts";
import { poolOrder } from "./tokenOrder.ts";
import { block, embedVisible, namedLinear, namedNorm } from "../../models/vit.ts";

/** What a LocalMIM program is built for. */
export interface LocalMimOptions {
  config: LocalMimConfig;
  batch: number;
  /** Which stages still have a decoder. */
  liveStages: boolean[];
  /**
   * "masked": what only visible tokens need is left out, and the losses come out; the numbers are the same as of the official
   * code, which predicts everything and weights by the mask. "all": every token is predicted, for looking at.
   */
  heads: "masked" | "all";
}

/** Inputs of the program; see `feeder.ts` for how they are filled. */
export function localMimInputs({ config, batch, liveStages, heads }: LocalMimOptions): Record<string, InputSpec> {
  const N = tokenCount(config), V = visibleCount(config), M = N - V, C = targetChannels(config);
  const inputs: Record<string, InputSpec> = {
    patches: { shape: [batch * V, patchLength(config)], dtype: "float32" },
    visible: { shape: [batch * V], dtype: "int32" },
    places: { shape: [batch * (V + 1)], dtype: "int32" },
    sources: { shape: [batch * (N + 1)], dtype: "int32" },
    ownTokens: { shape: [batch * (V + 1)], dtype: "int32" },
    isMasked: { shape: [batch * (N + 1), 1], dtype: "float32" },
  };
  if (heads === "all") return inputs;
  const scales = config.stageScales.filter((_, stage) => liveStages[stage]);
  if (scales.some((scale) => scale >= 1)) {
    inputs.maskedPlaces = { shape: [batch * M], dtype: "int32" };
    inputs.maskedInverse = { shape: [batch * (N + 1)], dtype: "int32" };
  }
  config.stageScales.forEach((scale, stage) => {
    if (!liveStages[stage]) return;
    const rows = batch * (scale >= 1 ? M * scale * scale : N / 4);
    inputs[`target${stage}`] = { shape: [rows, C], dtype: "float32" };
    if (scale < 1) inputs.pooledWeight = { shape: [rows, 1], dtype: "float32" };
  });
  return inputs;
}

/**
 * LocalMIM (Wang et al. 2023; thesis 3.3): the encoder sees the visible patches; after each of `stageBlocks` a decoder reconstructs
 * the HOG target at its own scale.
 *
 * Outputs: with heads "masked" the scalar `loss` and `loss0` … of the live stages; with heads "all" the normalised `latentK`
 * [B*(V+1), D] and `predK` [rows, C], rows in the order of tokens and, within a token, of `subcellOrder`.
 */
export function localMimProgram(options: LocalMimOptions): Program {
  const { config, batch, liveStages, heads } = options;
  const stages = config.stageBlocks.map((_, stage) => stage).filter((stage) => liveStages[stage]);
  const parameters = [...encoderParameters(config), ...stages.flatMap((stage) => stageParameters(config, stage))];
  return {
    parameters,
    inputs: localMimInputs(options),
    build(p, inputs) {
      const latents = encode(p, inputs, options, Math.max(...stages.map((stage) => config.stageBlocks[stage])));
      const outputs: Record<string, tf.Tensor> = {};
      for (const stage of stages) {
        const latent = namedNorm(p, `norm.${stage}`, latents[config.stageBlocks[stage] - 1]); // [B*(V+1), D]
        const wanted = heads === "masked" && config.stageScales[stage] >= 1 ? "masked" : "all";
        const decoded = decode(p, latent, inputs, { config, batch, stage, wanted });
        const prediction = predict(p, decoded, options, stage);
        if (heads === "all") {
          outputs[`latent${stage}`] = latent;
          outputs[`pred${stage}`] = prediction;
        } else {
          outputs[`loss${stage}`] = stageLoss(prediction, inputs, stage, config.stageScales[stage]);
        }
      }
      // The stages' losses are added with weight 1, not averaged (LocalMIM code).
      if (heads === "masked") outputs.loss = tf.addN(stages.map((stage) => outputs[`loss${stage}`]));
      return outputs;
    },
  };
}

/** The encoder up to block `depth`; returns the tokens after every block, [B*(V+1), D] each. */
function encode(
  p: Parameters,
  inputs: Record<string, tf.Tensor>,
  options: LocalMimOptions,
  depth: number,
): tf.Tensor[] {
  const { config, batch } = options, { embedDim: dim, numHeads: heads } = config;
  const size = { batch, tokens: visibleCount(config) + 1, dim, heads };
  let x = embedVisible(p, inputs, sincosPosEmbed2d(dim, gridSize(config), 0), size); // [B*(V+1), D]
  const latents: tf.Tensor[] = [];
  for (let i = 0; i < depth; i++) latents.push(x = block(p, `blocks.${i}`, x, size));
  return latents;
}

/**
 * Head of one decoder: rescaling and 1 x 1 convolution; [B*(N+1), d] to [rows, C], or [B*M, d] where only masked tokens were
 * decoded.
 */
function predict(
  p: Parameters,
  x: tf.Tensor,
  { config, batch, heads }: LocalMimOptions,
  stage: number,
): tf.Tensor {
  const name = `decoder.${stage}.pred`, { decoderDim: dim } = config, scale = config.stageScales[stage];
  if (scale === 0.5) {
    const { index, inverse } = poolOrder(batch, gridSize(config));
    const quads = tf.reshape(gatherRows(x, tf.tensor1d(index, "int32"), tf.tensor1d(inverse, "int32")), [-1, 4, dim]);
    return namedLinear(p, `${name}.1`, tf.mean(quads, 1)); // [B*N/4, C]
  }
  const tokens = heads === "masked" ? x : patchTokens(x, batch, tokenCount(config), dim); // [rows, d]
  if (scale === 1) return namedLinear(p, `${name}.0`, tokens);
  const doubled = upsample(p, `${name}.0`, tokens); // [rows*4, d/2]
  if (scale === 2) return namedLinear(p, `${name}.1`, doubled);
  const hidden = gelu(namedNorm(p, `${name}.1`, doubled));
  return namedLinear(p, `${name}.4`, upsample(p, `${name}.3`, hidden)); // [rows*16, C]
}

/** All patch tokens in order, the class token dropped: [B*(N+1), d] to [B*N, d]. */
function patchTokens(x: tf.Tensor, batch: number, tokens: number, dim: number): tf.Tensor {
  const [, patches] = tf.split(tf.reshape(x, [batch, tokens + 1, dim]), [1, tokens], 1);
  return tf.reshape(patches, [batch * tokens, dim]);
}

/** ConvTranspose 2x2 stride 2 as the linear layer per token that it is: [rows, in] to [rows*4, out]. */
function upsample(p: Parameters, name: string, x: tf.Tensor): tf.Tensor {
  const weight = p(`${name}.weight`), [from, to] = weight.shape; // [in, out, 2, 2]
  const matrix = tf.reshape(tf.transpose(weight, [2, 3, 1, 0]), [4 * to, from]);
  const bias = tf.reshape(tf.add(tf.zeros([4, to]), p(`${name}.bias`)), [4 * to]);
  return tf.reshape(linear(x, matrix, bias), [-1, to]);
}

/**
 * Loss of one stage (as the LocalMIM code has it): squared error, mean over channels, then mean over masked cells.
 * Cells of the pooled stage weigh by their masked share.
 */
function stageLoss(prediction: tf.Tensor, inputs: Record<string, tf.Tensor>, stage: number, scale: number): tf.Tensor {
  const squared = tf.squaredDifference(prediction, inputs[`target${stage}`]); // [rows, C]
  if (scale >= 1) return tf.mean(squared);
  const perCell = tf.mean(squared, 1, true); // [rows, 1]
  return tf.div(tf.sum(tf.mul(perCell, inputs.pooledWeight)), tf.sum(inputs.pooledWeight));
}
