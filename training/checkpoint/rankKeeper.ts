import type { z } from "zod";
import type { Arena } from "../../core/engine/arena.ts";
import type { Ranks } from "../../core/parallel/ranks.ts";
import type { RanksSpan } from "../../records/schema.ts";
import { fromFirst } from "../sameOnAll.ts";
import type { FoundCheckpoint } from "./checkpointFiles.ts";
import type { Keeper } from "./keeper.ts";
import { boundaryOf, type RunCheckpoints, type RunKeeper } from "./runKeeper.ts";
import type { WEIGHTS } from "./weightsFile.ts";

/** Checkpoints of a run on several ranks: rank 0 alone reads and writes files, the others have from it what they need. */
export class RankKeeper implements RunCheckpoints {
  private constructor(
    readonly ranks: Ranks,
    readonly start: string,
    readonly spans: RanksSpan[],
    readonly found?: FoundCheckpoint,
    readonly own?: RunKeeper,
  ) {}

  /**
   * The checkpoints of a run.
   *
   * @param own those of rank 0; nothing on the others
   */
  static async share(ranks: Ranks, own: RunKeeper | undefined): Promise<RunCheckpoints> {
    if (ranks.size === 1 && own) return own;
    const { start, spans, found } = own ?? {};
    const text = await fromFirst(ranks, "what is known of the run", JSON.stringify({ start, spans, found }));
    const known: Pick<RunCheckpoints, "start" | "spans" | "found"> = JSON.parse(text);
    return new RankKeeper(ranks, known.start, known.spans, known.found, own);
  }

  phase<Progress extends Record<string, unknown>>(
    phase: "pretrain" | "finetune",
    schema: z.ZodType<Progress>,
    metadata: Record<string, string>,
    extra: Record<string, unknown> = {},
  ): Keeper<Progress> {
    const { ranks, found } = this, own = this.own?.phase(phase, schema, metadata, extra);
    return {
      async restore(arena) {
        if (found?.header.phase !== phase) return undefined;
        const boundary = own ? await own.restore(arena) : boundaryOf(found, schema, extra);
        await ranks.wait("the reading of the checkpoint");
        await ranks.broadcast(arena.state());
        return boundary;
      },
      offer: async (boundary) => await own?.offer(boundary),
      save: async (boundary) => await own?.save(boundary),
    };
  }

  async leaveWeights(phase: typeof WEIGHTS[number], arena: Arena, metadata: Record<string, string>): Promise<void> {
    await this.own?.leaveWeights(phase, arena, metadata);
  }
}
