/**
 * Cheap self-supervised training of vision transformers: FreezeOut schedules, LocalMIM-HOG, ViTFreeze.
 *
 * Everything here is pure but the engines and data sets. Runnable experiments are Deno tasks; see README.md.
 *
 * @example When does block 4 of ViT-B freeze, and at which rate does it start?
 * ```ts
 * import { checkSchedule, layerPlan } from "./mod.ts";
 * const schedule = checkSchedule({
 *   layers: 13, stageBlocks: [2, 4, 10, 12], t0: 0.8, power: 3, scaled: true, baseLr: 1.6e-3, minLr: 1e-6,
 *   epochs: 100, warmupEpochs: 10, iterationsPerEpoch: 625, form: "code", decoders: "block", clsToken: "layer0",
 * });
 * const { freezeEpoch, factor } = layerPlan(schedule).layers[4]; // 68.59, 1.5362
 * ```
 *
 * @module
 */
export { UserError } from "./core/errors.ts";
export * from "./core/random/stream.ts";
export * from "./core/schedules/cosine.ts";
export * from "./core/schedules/freezeSchedule.ts";
export * from "./core/schedules/freezeState.ts";
export * from "./core/schedules/freezeTimes.ts";
export * from "./core/schedules/initialLr.ts";
export * from "./core/schedules/layerPlan.ts";
export { checkSchedule } from "./core/schedules/schedule.ts";
export * from "./core/hog/createHog.ts";
export * from "./core/hog/localmimHog.ts";
export * from "./core/hog/dmjdHog.ts";
export * from "./core/masking/randomMask.ts";
export * from "./core/masking/poolMask.ts";
export * from "./core/models/config.ts";
export * from "./core/models/patches.ts";
export * from "./core/methods/localmim/config.ts";
export * from "./core/models/classifier.ts";
export * from "./core/models/init.ts";
export * from "./core/methods/localmim/program.ts";
export * from "./core/methods/localmim/feeds.ts";
export * from "./core/methods/localmim/parameters.ts";
export { sincosPosEmbed2d } from "./core/models/posEmbed.ts";
export * from "./core/engine/program.ts";
export { Arena } from "./core/engine/arena.ts";
export { CompiledEngine } from "./core/engine/compiled.ts";
export { EagerEngine } from "./core/engine/eager.ts";
export type { Engine, EngineInfo } from "./core/engine/engine.ts";
export * from "./core/optim/adamw.ts";
export * from "./core/optim/groups.ts";
export * from "./core/optim/optimizer.ts";
export { AdamW } from "./core/optim/adamwOptimizer.ts";
export * from "./core/optim/sgd.ts";
export { Sgd } from "./core/optim/sgdOptimizer.ts";
export * from "./core/optim/lars.ts";
export { Lars } from "./core/optim/larsOptimizer.ts";
export * from "./core/optim/createOptimizer.ts";
export * from "./core/probes/nearest.ts";
export * from "./core/probes/knn.ts";
export * from "./core/probes/linearProbe.ts";
export * from "./core/probes/batchStatistics.ts";
export * from "./core/cost/flops.ts";
export { readSafetensors } from "./core/safetensors/read.ts";
export { writeSafetensors } from "./core/safetensors/write.ts";
export * from "./datasets/mod.ts";
