/** Whether the place of a line among those of its step tells which process printed it. */
export interface Places {
  /**
   * Takes the losses of one step in the order of the lines.
   *
   * @param losses null where lines of other steps came in between, or some are missing
   * @param ranks of the processes in the order in which they said their recipe
   */
  note(losses: readonly number[] | null, ranks: readonly number[]): void;
  /** Whether enough steps were seen, or one that was in another order. */
  decided(): boolean;
  /** The place of the process that counts; null where none can be told. */
  chosen(): number | null;
  /** Its name, e.g. "rank 0". */
  name(): string | null;
}

/** Steps of one order that are no chance: of two processes one in 128 logs has so many. */
const ENOUGH = 8;

/**
 * A collector that writes one process after the other keeps their order. That it does shows in the losses: a process
 * that is above another one in all steps stands at its place in all of them, and the recipes came in the same order.
 */
export function createPlaces(): Places {
  let order: string | null = null, kept = true, rank = -1, place = -1, steps = 0;
  const isTold = () => kept && steps >= ENOUGH;
  return {
    note(losses, ranks) {
      if (!kept) return;
      const now = losses &&
        losses.map((loss, at) => ({ loss, at })).sort((a, b) => a.loss - b.loss).map(({ at }) => at);
      const equal = losses === null || new Set(losses).size < losses.length;
      kept = now !== null && !equal && ranks.length === now.length && (order === null || order === now.join());
      if (!kept) return;
      order = now!.join();
      steps++;
      rank = Math.min(...ranks);
      place = ranks.indexOf(rank);
    },
    decided: () => !kept || isTold(),
    chosen: () => isTold() ? place : null,
    name: () => isTold() ? `rank ${rank}` : null,
  };
}
