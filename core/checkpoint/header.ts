import { z } from "zod";
import { UserError } from "../errors.ts";
import { sha256Text } from "../sha256Text.ts";

/** Version of the form below; a checkpoint of another version is refused. */
export const CHECKPOINT_VERSION = 2;

const count = z.int().nonnegative();

/** What the JSON of a checkpoint holds. */
const headerSchema = z.strictObject({
  kind: z.literal("vitfreeze.checkpoint"),
  version: z.literal(CHECKPOINT_VERSION),
  /** Optimiser steps done: the next one has this number, from 0. With it goes the place in the data. */
  iteration: count,
  /** The tensors' file beside this one. */
  tensors: z.strictObject({ file: z.string(), bytes: count, sha256: sha256Text }),
  /** What the phase is; one that differs in any of it cannot go on from here. */
  run: z.record(z.string(), z.unknown()),
  /** Which processes have shared the phase so far; nothing where it was always one, without `--accum`. */
  ranks: z.array(z.record(z.string(), z.unknown())).optional(),
  /** The processors that have computed it so far, by name and kind. */
  processors: z.array(z.string()).optional(),
  /** Start of the phase, ISO 8601 in UTC. */
  start: z.iso.datetime(),
  /** What the phase has recorded so far. */
  progress: z.record(z.string(), z.unknown()),
});
export type CheckpointHeader = z.infer<typeof headerSchema>;

/**
 * Checks the JSON of a checkpoint.
 *
 * @param value what JSON.parse gave
 * @param name the file, for error messages
 * @throws {UserError} naming the first key that is wrong
 */
export function parseCheckpointHeader(value: unknown, name: string): CheckpointHeader {
  const parsed = headerSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0];
  throw new UserError(`Cannot use checkpoint ${name}: at ${path.join(".") || "the top"}: ${message}`);
}
