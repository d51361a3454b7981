import { UserError } from "../../core/errors.ts";
import { type CellState, cellStates } from "./cellState.ts";
import type { GridCommand } from "./flags.ts";
import { type GridFolders, gridFolders, gridName, knownGrid } from "./folders.ts";
import { type KeptRecords, keptRecords } from "./keptRecords.ts";
import { type Plan, planGrid } from "./plan.ts";
import { readPlan } from "./planFile.ts";
import { type CellJob, cellJobs, submittedArrays } from "./slurm/submitted.ts";

/** A grid and how far it is. */
export interface Grid {
  name: string;
  plan: Plan;
  folders: GridFolders;
  kept: KeptRecords;
  states: CellState[];
  /** Threads of cells that were begun, by name. */
  threads: Map<string, number>;
  /** What the scheduler says of cells, by name; nothing for a grid that was never submitted. */
  jobs?: Map<string, CellJob>;
}

/** Plans a grid, or reads the plan of one that was begun, and finds out how far its phases are. */
export async function openGrid({ request, run, name: said, out, recorded, slurm }: GridCommand): Promise<Grid> {
  const name = request ? said ?? gridName(request) : await knownGrid(run, said);
  const known = request ? { plan: planGrid(request), out } : await readPlan(gridFolders(run, name).grid);
  const { plan } = known, folders = gridFolders(run, name, known.out);
  const kept = await keptRecords(folders.out), states = await cellStates(plan, folders, kept, recorded);
  const threads = plan.cells.flatMap(({ name }, i) => states[i].threads ? [[name, states[i].threads] as const] : []);
  const jobs = await schedulerStates(folders, slurm !== undefined);
  return { name, plan, folders, kept, states, threads: new Map(threads), ...(jobs && { jobs }) };
}

/** @param needed whether a scheduler that does not answer ends the command */
async function schedulerStates(folders: GridFolders, needed: boolean): Promise<Map<string, CellJob> | undefined> {
  const arrays = await submittedArrays(folders);
  if (arrays.length === 0) return undefined;
  try {
    return await cellJobs(arrays);
  } catch (error) {
    if (needed || !(error instanceof UserError)) throw error;
    warn(`${error.message}; the states of its jobs are not shown`);
  }
}

/** Says what a person should know, beside what a command prints. */
export function warn(text: string): void {
  console.error(`warning: ${text}`);
}
