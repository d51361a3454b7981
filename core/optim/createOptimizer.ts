import type { Arena } from "../engine/arena.ts";
import type { AdamWOptions } from "./adamw.ts";
import { AdamW } from "./adamwOptimizer.ts";
import type { LarsOptions } from "./lars.ts";
import { Lars } from "./larsOptimizer.ts";
import type { Optimizer, Passes } from "./optimizer.ts";
import type { SgdOptions } from "./sgd.ts";
import { Sgd } from "./sgdOptimizer.ts";

/** Which optimiser, and its settings that stay the same over a run. */
export type OptimizerConfig =
  | { kind: "adamw" } & AdamWOptions
  | { kind: "sgd" } & SgdOptions
  | { kind: "lars" } & LarsOptions;

/**
 * Makes an optimiser for the tensors of an arena.
 *
 * @param config which one, and its settings
 * @param arena weights, moments (all zeros at the start of a run) and gradients
 * @param passes whose gradients make up an update; above 1 `own`, the arena needs five regions
 * @param threads that share an update; above 1, `dispose` has to end them
 */
export async function createOptimizer(
  config: OptimizerConfig,
  arena: Arena,
  passes: Passes = { own: 1, total: 1 },
  threads = 1,
): Promise<Optimizer> {
  switch (config.kind) {
    case "adamw":
      return await AdamW.create(arena, config, passes, threads);
    case "sgd":
      return await Sgd.create(arena, config, passes, threads);
    case "lars":
      return await Lars.create(arena, config, passes, threads);
  }
}
