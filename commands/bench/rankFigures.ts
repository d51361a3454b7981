import { z } from "zod";
import { UserError } from "../../core/errors.ts";

/** Ranks that are started. */
export const RANKS = 2;

/**
 * What the processes do while one step is timed, in words for a table. "alone": one does its step, the other waits;
 * "apart": both do theirs and exchange nothing; "whole": gradients are exchanged in one piece, then all weights are
 * updated; "overlapped": the exchange goes on in buckets beside the update, as in training on several machines.
 */
export const WAYS = {
  alone: "1 process",
  apart: "2 processes, no exchange",
  whole: "2 ranks, not overlapped",
  overlapped: "2 ranks, overlapped",
};
export type Way = keyof typeof WAYS;

const repetitions = z.array(z.strictObject({ seconds: z.number(), parts: z.record(z.string(), z.number()) })).min(1);
const figuresSchema = z.strictObject({
  library: z.string(),
  steps: z.strictObject({ alone: repetitions, apart: repetitions, whole: repetitions, overlapped: repetitions }),
  /** Bytes of gradients that a rank hands over in an update, by the number of frozen layers. */
  bytes: z.array(z.int().positive()).min(1),
  /** An all-reduce of as many bytes by itself. */
  allReduces: z.array(z.strictObject({ frozen: z.int().nonnegative(), repetitions })),
});

/** What the ranks measured, as rank 0 prints it. */
export type RankFigures = z.infer<typeof figuresSchema>;

/**
 * Reads what rank 0 printed.
 *
 * @throws {UserError} when it is not one line of figures
 */
export function parseFigures(text: string): RankFigures {
  const found = figuresSchema.safeParse(valueOf(text));
  if (found.success) return found.data;
  const { path, message } = found.error.issues[0];
  throw new UserError(
    `Cannot measure several ranks: found '${text.trim().slice(0, 60)}' (${
      path.join(".") || "the whole"
    }: ${message}), ` +
      "want one line of JSON from rank 0",
  );
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
