import type { Arena } from "../core/engine/arena.ts";
import type { Engine } from "../core/engine/engine.ts";
import { createOptimizer, type OptimizerConfig, worksOnDevice } from "../core/optim/createOptimizer.ts";
import type { Optimizer } from "../core/optim/optimizer.ts";
import { ALONE, type Ranks } from "../core/parallel/ranks.ts";
import { type GlobalBatch, type Share, shareOf } from "../core/parallel/share.ts";
import type { ImageDataset } from "../datasets/dataset.ts";
import type { Keeper } from "./checkpoint/keeper.ts";
import { Exchange } from "./exchange.ts";
import type { Monitor } from "./monitor.ts";
import type { TeacherFeatures } from "./teacher/teacher.ts";
import type { TokenFile } from "./tokens/tokenFile.ts";

/** Which processes share the steps of a phase. */
export interface Sharing {
  /** This process alone unless given. */
  ranks?: Ranks;
  /** Passes per rank and step; see `shareOf`. */
  accum?: number;
}

/** What a phase is run with; its config says what is computed, this says with what. */
export interface Work extends Sharing {
  engine: Engine;
  dataset: ImageDataset;
  seed: number;
  /** Weights of the phase that it starts from. */
  from?: Arena;
  monitor: Monitor;
  /** Whose features are the targets, where the method wants them. */
  teacher?: TeacherFeatures;
  /** The words that are the targets, where the method wants them. */
  tokens?: TokenFile;
  /** Keeps checkpoints and weights, and knows where to go on; none: the phase cannot be resumed. */
  keeper?: Keeper;
  /** After how many epochs weights are kept, besides the end. */
  snapshots?: readonly number[];
  /** After how many epochs to stop, where the phase is not to be brought to its end. */
  until?: number;
}

/** What the steps of a phase are done with. */
export interface Tools {
  arena: Arena;
  ranks: Ranks;
  share: Share;
  optimizer: Optimizer;
  exchange: Exchange;
}

/** This rank's share of a phase's steps. */
export function ownShare(batch: GlobalBatch, { ranks = ALONE, accum }: Sharing): Share {
  return shareOf(batch, ranks.rank, ranks.size, accum);
}

/** Makes what the steps need; its `optimizer` has to be disposed of. */
export async function createTools(
  arena: Arena,
  share: Share,
  config: OptimizerConfig,
  { engine, ranks = ALONE }: Pick<Work, "engine" | "ranks">,
): Promise<Tools> {
  const { passes, total } = share;
  const resident = worksOnDevice(config) ? engine.resident?.(arena, passes > 1) : undefined;
  const optimizer = await createOptimizer(config, arena, { own: passes, total }, engine.info.threads, resident);
  return { arena, ranks, share, optimizer, exchange: new Exchange(ranks, arena, optimizer) };
}
