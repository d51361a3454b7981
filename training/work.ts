import type { Arena } from "../core/engine/arena.ts";
import type { Engine } from "../core/engine/engine.ts";
import type { AdamWOptions } from "../core/optim/adamw.ts";
import { AdamW } from "../core/optim/adamwOptimizer.ts";
import { ALONE, type Ranks } from "../core/parallel/ranks.ts";
import { type GlobalBatch, type Share, shareOf } from "../core/parallel/share.ts";
import { Exchange } from "./exchange.ts";

/** Which processes share the steps of a phase. */
export interface Sharing {
  /** This process alone unless given. */
  ranks?: Ranks;
  /** Passes per rank and step; see `shareOf`. */
  accum?: number;
}

/** What the steps of a phase are done with. */
export interface Work {
  arena: Arena;
  ranks: Ranks;
  share: Share;
  adamw: AdamW;
  exchange: Exchange;
}

/** This rank's share of a phase's steps. */
export function ownShare(config: GlobalBatch, { ranks = ALONE, accum }: Sharing): Share {
  return shareOf(config, ranks.rank, ranks.size, accum);
}

/** Makes what the steps need; its `adamw` has to be disposed of. */
export async function createWork(
  arena: Arena,
  share: Share,
  { engine, config, ranks = ALONE }: Sharing & { engine: Engine; config: AdamWOptions },
): Promise<Work> {
  const { passes, total } = share;
  const adamw = await AdamW.create(arena, config, { own: passes, total }, engine.info.threads);
  return { arena, ranks, share, adamw, exchange: new Exchange(ranks, arena, adamw) };
}
