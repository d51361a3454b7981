import { join, resolve } from "node:path";
import { writeWhole } from "../../../cli/files.ts";
import { UserError } from "../../../core/errors.ts";
import { logPath } from "../cellLog.ts";
import type { GridFolders } from "../folders.ts";
import type { Cell } from "../plan.ts";
import { denoWords } from "../processWords.ts";
import type { GridRequest } from "../request.ts";
import type { Level } from "./levels.ts";
import { slurmProgram } from "./program.ts";
import { arrayScript, type SlurmOptions } from "./script.ts";
import { recordArray } from "./submitted.ts";

/** What is submitted, and how. */
export interface Submission {
  request: GridRequest;
  folders: GridFolders;
  /** Threads of cells that were begun, by name. */
  threads: ReadonlyMap<string, number>;
  options: SlurmOptions;
}

/** The script that runs the cells as one job array; paths in it are absolute, since it is run elsewhere. */
export function submissionScript(
  { request, folders, threads, options }: Submission,
  cells: readonly Cell[],
): string {
  const there = { run: resolve(folders.run), grid: resolve(folders.grid), out: resolve(folders.out) };
  const tasks = cells.map((cell, index) => ({
    index,
    command: [Deno.execPath(), ...denoWords(request, there, cell, threads.get(cell.name) ?? options.cpus)],
    log: logPath(there, cell),
  }));
  const output = join(there.grid, "logs", "slurm-%A_%a.log");
  return arrayScript(`grid-${request.experiment}`, tasks, options, { folder: Deno.cwd(), output });
}

/**
 * Submits the levels, one job array each, every one after any end of the one before; and writes down which.
 *
 * @returns the arrays' numbers
 * @throws {UserError} when sbatch is not there or refuses one; those before stay submitted
 */
export async function submit(submission: Submission, levels: readonly Level[]): Promise<string[]> {
  const { folders } = submission, jobs: string[] = [];
  await Deno.mkdir(join(folders.grid, "logs"), { recursive: true });
  for (const [i, { cells, after }] of levels.entries()) {
    const script = join(folders.grid, `array-${i}.sh`), before = [...jobs.slice(-1), ...after];
    await writeWhole(script, submissionScript(submission, cells));
    const dependency = before.length > 0 ? [`--dependency=afterany:${before.join(":")}`] : [];
    const printed = await slurmProgram("sbatch", ["--parsable", ...dependency, script]), job = printed.split(";")[0];
    if (!/^\d+$/.test(job)) {
      throw new UserError(`Cannot submit ${script}: sbatch printed '${printed}', want a job number`);
    }
    await recordArray(folders, { job, cells: Object.fromEntries(cells.map(({ name }, i) => [String(i), name])) });
    jobs.push(job);
  }
  return jobs;
}
