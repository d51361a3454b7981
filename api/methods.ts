/**
 * What methods and models are made of, as far as no engine is needed: shapes, parameters, masks, random streams, rules of
 * learning rates, votes of neighbours. It needs no permission.
 *
 * @module
 */
export { UserError } from "../core/errors.ts";
export { pretrainFlops } from "../core/cost/flops.ts";
export type { Backward } from "../core/cost/encoder.ts";
export type { CostState } from "../core/cost/state.ts";
export { type Mask, maskFromNoise, randomMask } from "../core/masking/randomMask.ts";
export { poolMask } from "../core/masking/poolMask.ts";
export { cellSize, LOCALMIM_TARGETS, LOCALMIM_VIT_B, type LocalMimConfig } from "../core/methods/localmim/config.ts";
export { localMimParameters } from "../core/methods/localmim/parameters.ts";
export type { ParameterSpec } from "../core/engine/program.ts";
export {
  type ConvStages,
  type EncoderConfig,
  type SwinShape,
  VIT_PRESETS,
  type VitConfig,
} from "../core/models/config.ts";
export type { Init, ModelParameter } from "../core/models/parameters.ts";
export { sincosPosEmbed2d } from "../core/models/posEmbed.ts";
export { layerDecayFactor, scaleLr } from "../core/optim/groups.ts";
export { type KnnOptions, knnVotes, topAccuracy } from "../core/probes/knn.ts";
export { type Purpose, type Random, randomStream } from "../core/random/stream.ts";
