/**
 * Methods and what they are made of: models, masks, engines, optimisers, probes and costs.
 *
 * @module
 */
export { UserError } from "../core/errors.ts";
export * from "../core/random/stream.ts";
export * from "../core/masking/randomMask.ts";
export * from "../core/masking/poolMask.ts";
export * from "../core/models/config.ts";
export * from "../core/models/patches.ts";
export * from "../core/methods/localmim/config.ts";
export * from "../core/models/classifier.ts";
export * from "../core/models/init.ts";
export * from "../core/methods/localmim/program.ts";
export * from "../core/methods/localmim/feeds.ts";
export * from "../core/methods/localmim/parameters.ts";
export { sincosPosEmbed2d } from "../core/models/posEmbed.ts";
export * from "../core/engine/program.ts";
export { Arena } from "../core/engine/arena.ts";
export { CompiledEngine } from "../core/engine/compiled.ts";
export { EagerEngine } from "../core/engine/eager.ts";
export type { Engine, EngineInfo } from "../core/engine/engine.ts";
export * from "../core/optim/adamw.ts";
export * from "../core/optim/groups.ts";
export * from "../core/optim/optimizer.ts";
export { AdamW } from "../core/optim/adamwOptimizer.ts";
export * from "../core/optim/sgd.ts";
export { Sgd } from "../core/optim/sgdOptimizer.ts";
export * from "../core/optim/lars.ts";
export { Lars } from "../core/optim/larsOptimizer.ts";
export * from "../core/optim/createOptimizer.ts";
export * from "../core/probes/nearest.ts";
export * from "../core/probes/knn.ts";
export * from "../core/probes/linearProbe.ts";
export * from "../core/probes/batchStatistics.ts";
export * from "../core/cost/flops.ts";
export { METHOD_NAMES, methodOf, METHODS } from "../core/methods/mod.ts";
