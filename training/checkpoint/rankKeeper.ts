import type { Arena } from "../../core/engine/arena.ts";
import type { Ranks } from "../../core/parallel/ranks.ts";
import type { RanksSpan } from "../../records/schema.ts";
import { fromFirst } from "../sameOnAll.ts";
import type { FoundCheckpoint } from "./checkpointFiles.ts";
import type { Boundary, Restored } from "./keeper.ts";
import { boundaryOf, type Checkpoints, type PhaseKeeper } from "./phaseKeeper.ts";

/** Checkpoints of a phase on several ranks: rank 0 alone reads and writes files, the others have from it what they need. */
export class RankKeeper implements Checkpoints {
  private constructor(
    readonly ranks: Ranks,
    readonly start: string,
    readonly spans: RanksSpan[],
    readonly processors: string[],
    readonly found?: FoundCheckpoint,
    readonly own?: PhaseKeeper,
  ) {}

  /**
   * The checkpoints of a phase.
   *
   * @param own those of rank 0; nothing on the others
   */
  static async share(ranks: Ranks, own: PhaseKeeper | undefined): Promise<Checkpoints> {
    if (ranks.size === 1 && own) return own;
    const { start, spans, processors, found } = own ?? {};
    const text = await fromFirst(
      ranks,
      "what is known of the run",
      JSON.stringify({ start, spans, processors, found }),
    );
    const known: Pick<Checkpoints, "start" | "spans" | "processors" | "found"> = JSON.parse(text);
    return new RankKeeper(ranks, known.start, known.spans, known.processors, known.found, own);
  }

  async restore(arena: Arena): Promise<Restored | undefined> {
    const { ranks, found, own } = this;
    if (!found) return undefined;
    const boundary = own ? await own.restore(arena) : boundaryOf(found);
    await ranks.wait("the reading of the checkpoint");
    for (const piece of arena.state()) await ranks.broadcast(piece);
    return boundary;
  }

  async offer(boundary: Boundary): Promise<void> {
    await this.own?.offer(boundary);
  }

  async save(boundary: Boundary): Promise<void> {
    await this.own?.save(boundary);
  }

  async leaveWeights(epochs: number, arena: Arena): Promise<void> {
    await this.own?.leaveWeights(epochs, arena);
  }
}
