import { Arena } from "../../core/engine/arena.ts";
import { CompiledEngine } from "../../core/engine/compiled.ts";
import type { Card } from "../../core/engine/ort/card.ts";
import type { Optimizer } from "../../core/optim/optimizer.ts";
import type { Batch } from "../../training/batches.ts";
import type { PretrainConfig } from "../../training/config.ts";
import type { Objective } from "../../training/objective.ts";
import { createTools, ownShare } from "../../training/work.ts";

/** What steps of a pre-training are taken with, in one process. */
export interface Started {
  engine: CompiledEngine;
  arena: Arena;
  optimizer: Optimizer;
}

/** Initial weights of an objective, and the engine and optimiser that train them. */
export async function startTraining(objective: Objective<Batch>, threads: number, card?: Card): Promise<Started> {
  const engine = new CompiledEngine(threads, undefined, card), arena = new Arena(objective.parameters);
  objective.initialize(arena);
  const { optimizer } = await createTools(arena, ownShare(objective.batch, {}), objective.optimizer, { engine });
  return { engine, arena, optimizer };
}

/** A pre-training in steps of so many images, at the rate of its own batch: times then do not hang on weights that grow. */
export function inStepsOf(images: number, config: PretrainConfig): PretrainConfig {
  const baseLr = config.baseLr * config.batch * config.accumulation / images;
  return { ...config, baseLr, batch: images, accumulation: 1 };
}
