import { join } from "node:path";
import { z } from "zod";
import { exists, readWhole, writeWhole } from "../../../cli/files.ts";
import { UserError } from "../../../core/errors.ts";
import { canonicalJson } from "../../../records/canonical.ts";
import type { GridFolders } from "../folders.ts";
import { slurmProgram } from "./program.ts";

const schema = z.strictObject({ job: z.string().regex(/^\d+$/), cells: z.record(z.string(), z.string()) });

/** A job array that was submitted: its number, and the cells of its tasks. */
export type SubmittedArray = z.infer<typeof schema>;

/** What the scheduler says of a cell. */
export interface CellJob {
  /** Array and task, e.g. "12_3". */
  job: string;
  /** In Slurm's words, e.g. "RUNNING". */
  state: string;
  /** The node, or why it does not run, in parentheses. */
  where: string;
}

/** States of jobs that have ended for good. */
const ENDED = "BOOT_FAIL CANCELLED COMPLETED DEADLINE FAILED NODE_FAIL OUT_OF_MEMORY PREEMPTED TIMEOUT".split(" ");

/** Writes down which cells an array runs. */
export async function recordArray({ grid }: Pick<GridFolders, "grid">, array: SubmittedArray): Promise<void> {
  await writeWhole(join(grid, "jobs", `${array.job}.json`), canonicalJson(array));
}

/** The arrays that were submitted for a grid, by number. */
export async function submittedArrays({ grid }: Pick<GridFolders, "grid">): Promise<SubmittedArray[]> {
  const folder = join(grid, "jobs"), arrays: SubmittedArray[] = [];
  if (!await exists(folder)) return [];
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".json")) continue;
    const path = join(folder, name);
    try {
      arrays.push(schema.parse(JSON.parse(new TextDecoder().decode(await readWhole(path)))));
    } catch {
      throw new UserError(`Cannot use ${path}: it is broken, want what a submission has written`);
    }
  }
  return arrays.sort((a, b) => Number(a.job) - Number(b.job));
}

/**
 * What Slurm knows of the cells of the arrays, by cell; of several jobs of one cell the latest. Slurm forgets jobs some
 * minutes after their end.
 *
 * @throws {UserError} when squeue is not there, or does not reach the scheduler
 */
export async function cellJobs(arrays: readonly SubmittedArray[]): Promise<Map<string, CellJob>> {
  const jobs = new Map<string, CellJob>();
  if (arrays.length === 0) return jobs;
  return jobsOf(arrays, await slurmProgram("squeue", ["--me", "-h", "-r", "-t", "all", "-o", "%F|%K|%T|%R"]));
}

/** Reads squeue's lines "array|task|state|where". */
export function jobsOf(arrays: readonly SubmittedArray[], listing: string): Map<string, CellJob> {
  const lines = new Map(
    listing.split("\n").map((line) => {
      const [array, task, state, ...where] = line.split("|");
      return [`${array}_${task}`, { job: `${array}_${task}`, state, where: where.join("|") }];
    }),
  );
  const jobs = new Map<string, CellJob>();
  for (const { job, cells } of arrays) {
    for (const [task, cell] of Object.entries(cells)) {
      const found = lines.get(`${job}_${task}`);
      if (found) jobs.set(cell, found);
    }
  }
  return jobs;
}

/** The array that a job is a task of. */
export function arrayOf({ job }: CellJob): string {
  return job.split("_")[0];
}

/** Whether a job waits or runs. */
export function isQueued({ state }: CellJob): boolean {
  return !ENDED.includes(state);
}

/** A job in words, e.g. "12_3 PENDING (BeginTime)". */
export function jobText({ job, state, where }: CellJob): string {
  return [job, state, where].filter(Boolean).join(" ");
}
