import { join } from "node:path";
import { z } from "zod";
import { exists } from "../cli/files.ts";
import { UserError } from "../core/errors.ts";
import { schemaFault } from "../core/schemaFault.ts";
import { sha256Text } from "../core/sha256Text.ts";
import { checkDepth, jsonFiles, readHashed, saveHashed } from "./hashedFile.ts";
import { type Epoch, epochSchema, phaseRecordSchema, stepSeconds } from "./schema.ts";

const { hashes, git, engine, machine, dataset, asked, start, end } = phaseRecordSchema.shape;
const count = z.int().positive(), key = sha256Text;

/** An epoch of a row: of so many steps as were measured. */
const timedEpoch = epochSchema.pick({ seconds: true, stepSpread: true, load: true });
export type TimedEpoch = z.infer<typeof timedEpoch>;

/** One epoch of every row, the rows in turn: what was measured side by side. */
const round = z.strictObject({ epoch: z.int().nonnegative(), rows: z.record(key, timedEpoch) });
export type Round = z.infer<typeof round>;

/** A whole schedule of every row. */
const repeat = z.strictObject({ start, end, rounds: z.array(round) });
export type Repeat = z.infer<typeof repeat>;

/** A pre-training that was measured. */
const timedPhase = z.strictObject({
  /** The rows whose pre-training it is. */
  rows: z.array(z.string()).min(1),
  /** As in the phase; its backward pass among it. */
  config: z.record(z.string(), z.json()) as z.ZodType<Record<string, unknown>>,
  epochs: count,
  /** Steps of an epoch, were it not cut short. */
  iterations: count,
  /** Epochs before anything freezes. */
  unfrozen: z.int().nonnegative(),
});
export type TimedPhase = z.infer<typeof timedPhase>;

/** The version of what is measured, and how. */
export const TIMES_SCHEMA = 3;

/** A measurement of the time of pre-training, the rows in turn step by step: the content of a file of results/times/. */
const timesRecordSchema = z.strictObject({
  kind: z.literal("vitfreeze.times"),
  /**
   * 1: the first run of a step that was made within an epoch, which takes longer, counts as a measured one, which stands for many;
   * and layers freeze up to a measured step late. 2: neither, but of several methods the code of one alone was hashed, and not said
   * of which. 3: that of all.
   */
  schemaVersion: z.union([z.literal(1), z.literal(2), z.literal(TIMES_SCHEMA)]),
  asked,
  /** By the key that the phase has with seed 0. */
  phases: z.record(key, timedPhase),
  /** Steps of an epoch that were measured. */
  steps: count,
  repeats: z.array(repeat).min(1),
  /** `methods`: of every method's folder, by its name. `data`: of all images, where rows see several sets of their hashes. */
  hashes: hashes.extend({ methods: z.record(z.string(), key).optional() }),
  git,
  engine,
  machine,
  dataset,
  start,
  end,
}).refine(
  ({ schemaVersion, hashes: { method, methods } }) =>
    (schemaVersion === TIMES_SCHEMA) === (methods !== undefined && method === undefined),
  { path: ["hashes"], message: `methods in schema ${TIMES_SCHEMA} alone` },
);

/** A measurement of the time of pre-training. */
export type TimesRecord = z.infer<typeof timesRecordSchema>;

/** A measurement read from its file. */
export interface StoredTimes {
  /** SHA-256 of the file, which is also its name. */
  id: string;
  path: string;
  times: TimesRecord;
}

/** The measurements' folder in a folder of records. */
const FOLDER = "times";

/** Writes a measurement as `<folder>/times/<id>.json`; see `saveHashed`. */
export async function saveTimes(folder: string, times: TimesRecord): Promise<StoredTimes> {
  return { ...await saveHashed(join(folder, FOLDER), timesRecordSchema.parse(times)), times };
}

/**
 * The files of measurements in a folder of records, by name; none where there is no such folder.
 *
 * @throws {UserError} when the folder cannot be read
 */
export async function timesFiles(folder: string): Promise<string[]> {
  const own = join(folder, FOLDER);
  return await exists(own) ? await jsonFiles(own, "folder") : [];
}

/**
 * Reads one measurement and checks it; see `readHashed`.
 *
 * @throws {UserError} naming the file, what was found and what was wanted
 */
export async function readTimes(path: string): Promise<StoredTimes> {
  const { id, value: times } = await readHashed(path, parseTimes);
  return { id, path, times };
}

function parseTimes(what: string, value: unknown): TimesRecord {
  checkDepth(what, value);
  const parsed = timesRecordSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new UserError(`Cannot use ${what}: ${schemaFault(parsed.error, value)}`);
}

/**
 * A repeat's epochs of a pre-training, as if every step had been taken; the making of new steps where layers freeze counts as it
 * was measured. The wall's seconds are those of loading and of steps one after the other; 0 where loading was not measured.
 */
export function wholeEpochs({ steps, phases }: TimesRecord, { rounds }: Repeat, key: string): Epoch[] {
  const { iterations } = phases[key];
  return rounds.flatMap(({ epoch, rows }) => {
    const found = rows[key];
    if (found === undefined) return [];
    const { compile = 0, loading, ...parts } = found.seconds;
    const whole = Object.fromEntries(
      Object.entries(parts).map(([part, value]) => [part, value * iterations / steps] as const),
    );
    return [{
      epoch,
      iterations,
      losses: {},
      rates: [],
      seconds: { ...whole, compile },
      wallSeconds: loading === undefined ? 0 : loading * iterations / steps + stepSeconds(whole) + compile,
      ...(found.load !== undefined && { load: found.load }),
    }];
  });
}

/** The load averages that were noted while a measurement was made. */
export function loadsOf({ repeats }: TimesRecord): number[] {
  const rows = repeats.flatMap(({ rounds }) => rounds.flatMap(({ rows }) => Object.values(rows)));
  return rows.flatMap(({ load }) => load ?? []);
}
