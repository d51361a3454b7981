import { z } from "zod";
import { differences } from "../../core/checkpoint/difference.ts";
import { UserError } from "../../core/errors.ts";
import { type RanksSpan, ranksSpanSchema } from "../../records/schema.ts";
import type { FoundCheckpoint } from "./checkpointFiles.ts";

/** The processes that share a phase, from one start to the next. */
export type Layout = Omit<RanksSpan, "from">;

/**
 * Which processes have shared a phase, and share it from now on; empty where it was always one, without --accum.
 *
 * @param layout the processes from now on; without it one, of which nothing is written down
 * @param found the checkpoint that the phase goes on from
 * @throws {UserError} when that checkpoint's list is broken
 */
export function spansOf(layout?: Layout, found?: FoundCheckpoint): RanksSpan[] {
  const parsed = z.array(ranksSpanSchema).safeParse(found?.header.ranks ?? []);
  if (!parsed.success) throw new UserError(`Cannot use checkpoint ${found?.name}: its list of ranks is broken`);
  const before = parsed.data;
  const usual = layout?.hosts.length === 1 && layout.accum === undefined;
  if (!layout || (before.length === 0 && usual)) return before;
  const last = before.at(-1), next = { from: found?.header.iteration ?? 0, ...layout };
  if (last && differences(last, { ...next, from: last.from }).length === 0) return before;
  return [...before, next];
}
