/**
 * What methods, models, engines and optimisers are made of: to add a method, or to train by a loop of one's own. Programs are
 * written once in the tfjs op API and own no weights; an engine runs them on the tensors of an {@link Arena}.
 *
 * The compiled engine needs `--allow-ffi`, `--allow-read` and `--allow-env`, all else no permission.
 *
 * @module
 */
export { UserError } from "../core/errors.ts";
export { pretrainFlops } from "../core/cost/flops.ts";
export { Arena } from "../core/engine/arena.ts";
export { CompiledEngine } from "../core/engine/compiled.ts";
export { EagerEngine } from "../core/engine/eager.ts";
export type { Engine, EngineInfo } from "../core/engine/engine.ts";
export type { Feeds, InputSpec, Outputs, Parameters, ParameterSpec, Program, Step } from "../core/engine/program.ts";
export { maskFromNoise, randomMask } from "../core/masking/randomMask.ts";
export { poolMask } from "../core/masking/poolMask.ts";
export { LOCALMIM_TARGETS, LOCALMIM_VIT_B, type LocalMimConfig } from "../core/methods/localmim/config.ts";
export { localMim } from "../core/methods/localmim/method.ts";
export { localMimParameters } from "../core/methods/localmim/parameters.ts";
export { localMimProgram } from "../core/methods/localmim/program.ts";
export type { Method } from "../core/methods/method.ts";
export { methodOf, METHODS } from "../core/methods/mod.ts";
export {
  type ClassifierConfig,
  classifierInference,
  classifierParameters,
  classifierProgram,
} from "../core/models/classifier.ts";
export { VIT_PRESETS, type VitConfig } from "../core/models/config.ts";
export { initialize } from "../core/models/init.ts";
export { gatherPatches } from "../core/models/patches.ts";
export { sincosPosEmbed2d } from "../core/models/posEmbed.ts";
export { createOptimizer, type OptimizerConfig } from "../core/optim/createOptimizer.ts";
export { layerDecayFactor, scaleLr } from "../core/optim/groups.ts";
export { knnVotes, topAccuracy } from "../core/probes/knn.ts";
export { featureProgram } from "../core/probes/features.ts";
export { type Random, randomStream } from "../core/random/stream.ts";
