// Runs a grid of an experiment: every value of every --set list, every row, every seed; here or as a Slurm job array.
//
//   deno task grid experiments/table17 [--profile P] [--rows a,b] [--set key=a,b,c] [--seeds 3] [--jobs N] [--slurm]
//   deno task grid --run DIR [--status | --collect]

import { shortPath } from "../../cli/files.ts";
import { exitCode, Interrupted, interruptSignal } from "../../cli/interrupt.ts";
import { runMain } from "../../cli/main.ts";
import { UserError } from "../../core/errors.ts";
import { type CellState, cellState, putAside } from "./cellState.ts";
import { collect } from "./collect.ts";
import { type GridCommand, gridFolders, parseGrid } from "./flags.ts";
import { type KeptResults, keptResults } from "./keptResults.ts";
import { type Cell, type GridFolders, type Plan, planGrid } from "./plan.ts";
import { readPlan, writePlan } from "./planFile.ts";
import { runLocal } from "./runLocal.ts";
import { submissionScript, submit } from "./slurm/submit.ts";
import { cellJobs, isQueued, jobText, submittedArrays } from "./slurm/submitted.ts";
import { planText } from "./table.ts";

/** A grid and how far it is. */
interface Grid {
  plan: Plan;
  folders: GridFolders;
  kept: KeptResults;
  states: CellState[];
  /** Threads of cells that were begun, by name. */
  threads: Map<string, number>;
}

async function main(args: string[]): Promise<number> {
  const command = parseGrid(args), { action } = command, grid = await openGrid(command);
  for (const problem of grid.kept.broken.values()) warn(problem);
  for (const { kind, broken } of grid.states) if (kind === "done" && broken) warn(broken.problem);
  if (action === "collect") {
    const { text, complete } = collect(grid.plan, grid.states, grid.kept);
    console.log(text);
    return complete ? 0 : 1;
  }
  if (action === "run" && command.request) await writePlan(command.folders.run, command.folders.out, grid.plan);
  const jobs = await schedulerStates(grid, command);
  console.log(planText(grid.plan, grid.states, jobs && new Map([...jobs].map(([name, job]) => [name, jobText(job)]))));
  if (action === "status") return 0;
  const cells = grid.plan.cells.filter(({ name }, i) => {
    const job = jobs?.get(name);
    return grid.states[i].kind !== "done" && !(command.slurm && job && isQueued(job));
  });
  if (action === "dry-run") return dryRun(grid, command, cells);
  if (cells.length === 0) {
    console.log("\nNothing to do.");
    return 0;
  }
  for (const [i, cell] of grid.plan.cells.entries()) {
    const { broken } = grid.states[i];
    if (broken && cells.includes(cell)) warn(await putAside(broken));
  }
  return command.slurm ? await submitGrid(grid, command, cells) : await runHere(grid, command, cells);
}

async function openGrid({ request, folders: { run, out } }: GridCommand): Promise<Grid> {
  const known = request ? { plan: planGrid(request), ...(out !== undefined && { out }) } : await readPlan(run);
  const { plan, ...place } = known, folders = gridFolders({ run, ...place });
  const kept = await keptResults(folders.out), states: CellState[] = [];
  for (const cell of plan.cells) states.push(await cellState(plan.request, folders, cell, kept));
  const threads = plan.cells.flatMap(({ name }, i) => states[i].threads ? [[name, states[i].threads] as const] : []);
  return { plan, folders, kept, states, threads: new Map(threads) };
}

/** What the scheduler says of the cells; nothing for a grid that was never submitted. */
async function schedulerStates({ folders }: Grid, { slurm }: GridCommand) {
  const arrays = await submittedArrays(folders);
  if (arrays.length === 0) return undefined;
  try {
    return await cellJobs(arrays);
  } catch (error) {
    if (slurm || !(error instanceof UserError)) throw error;
    warn(`${error.message}; the states of its jobs are not shown`);
  }
}

function dryRun({ plan: { request }, folders, threads }: Grid, { slurm, jobs }: GridCommand, cells: Cell[]): number {
  if (slurm && cells.length > 0) {
    const options = { ...slurm, ...(jobs !== undefined && { jobs }) };
    console.log(`\n${submissionScript({ request, folders, cells, threads, options })}`);
  }
  return 0;
}

async function submitGrid({ plan: { request }, folders, threads }: Grid, { slurm, jobs }: GridCommand, cells: Cell[]) {
  const options = { ...slurm!, ...(jobs !== undefined && { jobs }) };
  const job = await submit({ request, folders, cells, threads, options });
  console.log(`\nSubmitted ${counted(cells.length)} as job array ${job}.\n${howToLook(folders)}`);
  return 0;
}

async function runHere(grid: Grid, { jobs = 1 }: GridCommand, cells: Cell[]): Promise<number> {
  const { plan: { request, cells: all }, folders, states, threads } = grid, { signal, release } = interruptSignal();
  const busy = new Set(all.filter((_, i) => states[i].kind === "running"));
  const ordered = [...cells.filter((cell) => !busy.has(cell)), ...cells.filter((cell) => busy.has(cell))];
  console.log("");
  try {
    const say = (text: string) => console.error(text);
    const failed = await runLocal({ request, folders, cells: ordered, threads, jobs, signal, say });
    console.log(`${counted(cells.length - failed.length)} done, ${failed.length} failed.\n${howToLook(folders)}`);
    return failed.length === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    console.error(`interrupted; what was under way is saved. To go on: deno task grid --run ${shortPath(folders.run)}`);
    return exitCode(error);
  } finally {
    release();
  }
}

function howToLook({ run }: GridFolders): string {
  const grid = `deno task grid --run ${shortPath(run)}`;
  return `How far it is: ${grid} --status\nThe results:   ${grid} --collect`;
}

function counted(cells: number): string {
  return `${cells} ${cells === 1 ? "cell" : "cells"}`;
}

function warn(text: string): void {
  console.error(`warning: ${text}`);
}

if (import.meta.main) await runMain(main);
