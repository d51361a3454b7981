import type { Draft } from "./draft.ts";
import type { LogLine } from "./lineKinds.ts";
import type { LogStart } from "./model.ts";

/** Finds out whether a log counts its epochs from 0 or from 1. */
export interface EpochBase {
  /** The line with its epoch counted from 0, as far as it is known. */
  read(line: LogLine): LogLine;
  /** By how much the epochs that were read so far are too high: 1 where it shows later that they count from 1. */
  excess(planned: unknown): 0 | 1;
  /** The number that an unknown log begins with, e.g. "5/12"; null where the base is known, or MAE's own. */
  unknown(): string | null;
}

/**
 * A finder of the base. MAE, LocalMIM and ViTFreeze count from 0; where the number of epochs stands beside, as in [1/12], a
 * run that begins with 1 counts from 1, and so does one that reaches the number of its epochs.
 */
export function createEpochBase(): EpochBase {
  let base: 0 | 1 | null = null, highest = -1, first: string | null = null, reached = false;
  return {
    read(line) {
      if (line.kind !== "progress" && line.kind !== "wall") return line;
      const { epoch, of } = line;
      if (base === null && epoch === 0) base = 0;
      if (base === null && of !== null && first === null) {
        first = `${epoch}/${of}`;
        if (epoch === 1) base = 1;
      }
      highest = Math.max(highest, epoch);
      reached ||= epoch === of;
      return base === 1 ? { ...line, epoch: Math.max(0, epoch - 1) } : line;
    },
    excess: (planned) => base === null && (reached || (highest > 0 && highest === planned)) ? 1 : 0,
    unknown: () => base === null && !reached ? first : null,
  };
}

/** A run and its starts with all epochs counted from one less. */
export function lowered(draft: Draft, starts: readonly LogStart[]): { draft: Draft; starts: LogStart[] } {
  const less = <T extends { epoch: number }>(own: T): T => ({ ...own, epoch: own.epoch - 1 });
  return {
    draft: {
      ...draft,
      epochs: draft.epochs.map(less),
      nonFinite: draft.nonFinite.map(less),
      series: draft.series.moved(-1),
    },
    starts: starts.map((start) => ({
      ...start,
      epochs: start.epochs && { first: start.epochs.first - 1, last: start.epochs.last - 1 },
      reached: start.reached && less(start.reached),
    })),
  };
}
