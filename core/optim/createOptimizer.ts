import type { Arena } from "../engine/arena.ts";
import type { AdamWOptions } from "./adamw.ts";
import { AdamW } from "./adamwOptimizer.ts";
import type { LarsOptions } from "./lars.ts";
import { Lars } from "./larsOptimizer.ts";
import type { ResidentWeights } from "../engine/resident/residentWeights.ts";
import type { Optimizer, Passes } from "./optimizer.ts";
import { type ResidentConfig, ResidentOptimizer } from "./residentOptimizer.ts";
import type { SgdOptions } from "./sgd.ts";
import { Sgd } from "./sgdOptimizer.ts";

/** Which optimiser, and its settings that stay the same over a run. */
export type OptimizerConfig =
  | { kind: "adamw" } & AdamWOptions
  | { kind: "sgd" } & SgdOptions
  | { kind: "lars" } & LarsOptions;

/** Whether an optimiser can work where the weights are; LARS measures each tensor on the host. */
export function worksOnDevice(config: OptimizerConfig): config is ResidentConfig {
  return config.kind !== "lars";
}

/**
 * Makes an optimiser for the tensors of an arena.
 *
 * @param config which one, and its settings
 * @param arena weights, moments (all zeros at the start of a run) and gradients
 * @param passes whose gradients make up an update; above 1 `own`, the arena needs five regions
 * @param threads that share an update; above 1, `dispose` has to end them
 * @param resident where the weights are, if not in the arena
 */
export async function createOptimizer(
  config: OptimizerConfig,
  arena: Arena,
  passes: Passes = { own: 1, total: 1 },
  threads = 1,
  resident?: ResidentWeights,
): Promise<Optimizer> {
  if (resident && worksOnDevice(config)) return new ResidentOptimizer(config, resident, passes);
  switch (config.kind) {
    case "adamw":
      return await AdamW.create(arena, config, passes, threads);
    case "sgd":
      return await Sgd.create(arena, config, passes, threads);
    case "lars":
      return await Lars.create(arena, config, passes, threads);
  }
}
