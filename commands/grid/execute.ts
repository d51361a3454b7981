import { exists, shortPath } from "../../cli/files.ts";
import { exitCode, Interrupted, interruptSignal } from "../../cli/interrupt.ts";
import { counted } from "../../core/counted.ts";
import { UserError } from "../../core/errors.ts";
import { parseDataPaths } from "../../datasets/dataPaths.ts";
import { putAside } from "./cellState.ts";
import { collect } from "./collect.ts";
import { csvText } from "./csv.ts";
import type { GridCommand } from "./flags.ts";
import { type Grid, openGrid, warn } from "./grid.ts";
import type { Cell } from "./plan.ts";
import { writePlan } from "./planFile.ts";
import { runLocal, usualJobs } from "./runLocal.ts";
import { levelsOf } from "./slurm/levels.ts";
import { submissionScript, submit } from "./slurm/submit.ts";
import { arrayOf, isQueued, jobText } from "./slurm/submitted.ts";
import { planText } from "./table.ts";

/**
 * Does with a grid what a command line asks for.
 *
 * @returns the exit code
 */
export async function execute(command: GridCommand): Promise<number> {
  const { action } = command, grid = await openGrid(command), { plan, states } = grid;
  for (const problem of grid.kept.broken.values()) warn(problem);
  for (const { kind, broken } of states) {
    if (kind === "done" && broken) warn(`${broken.problem}; remove both to run the phase again`);
  }
  if (action === "collect") return printCollection(grid, command);
  const cells = plan.cells.filter(({ name }, i) => {
    const job = grid.jobs?.get(name);
    return states[i].kind !== "done" && !(command.slurm && job && isQueued(job));
  });
  if (action !== "status" && !command.slurm && cells.length > 0) await checkData(plan.request.passed);
  if (action === "run" && command.request) await writePlan(grid.folders.grid, command.out, plan);
  if (command.csv) console.log(csvText(plan, states));
  else {console.log(
      planText(plan, states, grid.jobs && new Map([...grid.jobs].map(([name, job]) => [name, jobText(job)]))),
    );}
  if (action === "status") return 0;
  if (action === "dry-run") return dryRun(grid, command, cells);
  if (cells.length === 0) {
    console.log("\nNothing to do.");
    return 0;
  }
  for (const [i, cell] of plan.cells.entries()) {
    const { broken } = states[i];
    if (broken && cells.includes(cell)) warn(await putAside(broken));
  }
  return command.slurm ? await submitGrid(grid, command, cells) : await runHere(grid, command, cells);
}

/** Makes sure that images are where the phases of a grid will look for them; under Slurm other machines do. */
async function checkData(words: readonly string[]): Promise<void> {
  for (const path of parseDataPaths(words.filter((_, k) => words[k - 1] === "--data")).values()) {
    if (!await exists(path)) throw new UserError(`Cannot read ${path}: no such file or folder, want images in --data`);
  }
}

function printCollection({ plan, states, kept }: Grid, { csv }: GridCommand): number {
  const { table, problems, complete } = collect(plan, states, kept);
  console.log(csv ? csvText(plan, states) : `${table}\n\n${problems}`);
  if (csv) console.error(problems);
  return complete ? 0 : 1;
}

/** Arrays in which cells wait or run, by the cell's name. */
function queuedArrays({ jobs }: Grid): Map<string, string> {
  return new Map([...jobs ?? []].filter(([, job]) => isQueued(job)).map(([name, job]) => [name, arrayOf(job)]));
}

function dryRun(grid: Grid, { slurm, jobs }: GridCommand, cells: Cell[]): number {
  if (!slurm) return 0;
  const { plan: { request }, folders, threads } = grid, options = { ...slurm, ...(jobs !== undefined && { jobs }) };
  for (const [i, level] of levelsOf(cells, queuedArrays(grid)).entries()) {
    if (i > 0) console.log("\nafter any end of the array before:");
    console.log(`\n${submissionScript({ request, folders, threads, options }, level.cells)}`);
  }
  return 0;
}

async function submitGrid(grid: Grid, { slurm, jobs }: GridCommand, cells: Cell[]): Promise<number> {
  const { plan: { request }, folders, threads } = grid, levels = levelsOf(cells, queuedArrays(grid));
  const options = { ...slurm!, ...(jobs !== undefined && { jobs }) };
  const numbers = await submit({ request, folders, threads, options }, levels);
  const arrays = levels.map((level, i) => `${counted(level.cells.length, "phase")} as job array ${numbers[i]}`).join(
    ", then ",
  );
  console.log(`\nSubmitted ${arrays}.\n${howToLook(grid)}`);
  return 0;
}

async function runHere(grid: Grid, { jobs }: GridCommand, cells: Cell[]): Promise<number> {
  const { plan: { request, cells: all }, folders, states, threads } = grid, { signal, release } = interruptSignal();
  const busy = new Set(all.filter((_, i) => states[i].kind === "running").map(({ name }) => name));
  console.log("");
  try {
    const say = (text: string) => console.error(text), atATime = jobs ?? usualJobs(request);
    const ends = [...(await runLocal({ request, folders, cells, busy, threads, jobs: atATime, signal, say })).values()];
    const number = (wanted: string) => ends.filter((end) => end === wanted).length;
    const rest = ["failed", "blocked", "waiting"].filter((end) => end === "failed" || number(end) > 0);
    const others = rest.map((end) => `, ${number(end)} ${end}`).join("");
    console.log(`${counted(number("done"), "phase")} done${others}.\n${howToLook(grid)}`);
    return number("done") === cells.length ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    console.error(`interrupted; what was under way is saved. To go on: ${again(grid)}`);
    return exitCode(error);
  } finally {
    release();
  }
}

function again({ folders: { run }, name }: Grid): string {
  return `deno task grid --run ${shortPath(run)} --name ${name}`;
}

function howToLook(grid: Grid): string {
  return `How far it is: ${again(grid)} --status\nThe results:   ${again(grid)} --collect`;
}
