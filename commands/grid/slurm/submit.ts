import { join, resolve } from "node:path";
import { writeWhole } from "../../../cli/files.ts";
import { UserError } from "../../../core/errors.ts";
import { logPath } from "../cellLog.ts";
import type { Cell, GridFolders, GridRequest } from "../plan.ts";
import { denoWords } from "../runLocal.ts";
import { slurmProgram } from "./program.ts";
import { arrayScript, type SlurmOptions } from "./script.ts";
import { recordArray } from "./submitted.ts";

/** Cells to submit, and how. */
export interface Submission {
  request: GridRequest;
  folders: GridFolders;
  cells: readonly Cell[];
  /** Threads of cells that were begun, by name. */
  threads: ReadonlyMap<string, number>;
  options: SlurmOptions;
}

/** The script that runs the cells as one job array; paths in it are absolute, since it is run elsewhere. */
export function submissionScript({ request, folders, cells, threads, options }: Submission): string {
  const there = { run: resolve(folders.run), out: resolve(folders.out) };
  const tasks = cells.map((cell, index) => ({
    index,
    command: [Deno.execPath(), ...denoWords(request, there, cell, threads.get(cell.name) ?? options.cpus)],
    log: logPath(there, cell),
  }));
  const output = join(there.run, "logs", "slurm-%A_%a.log");
  return arrayScript(`grid-${request.experiment}`, tasks, options, { folder: Deno.cwd(), output });
}

/**
 * Submits the cells as one job array, and writes down which one.
 *
 * @returns the array's number
 * @throws {UserError} when sbatch is not there or refuses it
 */
export async function submit(submission: Submission): Promise<string> {
  const { folders, cells } = submission, script = join(folders.run, "array.sh");
  await writeWhole(script, submissionScript(submission));
  await Deno.mkdir(join(folders.run, "logs"), { recursive: true });
  const printed = await slurmProgram("sbatch", ["--parsable", script]), job = printed.split(";")[0];
  if (!/^\d+$/.test(job)) {
    throw new UserError(`Cannot submit ${script}: sbatch printed '${printed}', want a job number`);
  }
  await recordArray(folders, { job, cells: Object.fromEntries(cells.map(({ name }, i) => [String(i), name])) });
  return job;
}
