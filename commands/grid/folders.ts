import { join } from "node:path";
import { exists } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import { sha256 } from "../../core/sha256.ts";
import { canonicalJson } from "../../records/canonical.ts";
import type { GridRequest } from "./request.ts";

/** Where phases are run unless the command line says otherwise, relative to the working folder. */
export const DEFAULT_RUN = "runs";
/** The plan of a grid in its folder. */
export const PLAN = "plan.json";
const GRIDS = "grids";
/** Digits that tell grids of different settings apart. */
const DIGITS = 6;

/** Where a grid keeps things. */
export interface GridFolders {
  /** Folder of all phases, whatever grid or command asked for them. */
  run: string;
  /** Folder of this grid: plan, logs, jobs. */
  grid: string;
  /** Folder of the results. */
  out: string;
}

/** The folders of a grid, the results' one by default beside the phases'. */
export function gridFolders(run: string, name: string, out?: string): GridFolders {
  return { run, grid: join(run, GRIDS, name), out: out ?? join(run, "results") };
}

/** What a grid is called unless the command line says it: its experiment and profile; with lists, digits that stand for them. */
export function gridName({ experiment, profile, sets }: GridRequest): string {
  const sorted = [...sets].sort(([a], [b]) => a < b ? -1 : 1);
  return `${experiment}-${profile}${sets.length > 0 ? `-${sha256(canonicalJson(sorted)).slice(0, DIGITS)}` : ""}`;
}

/**
 * The grid of a folder that is meant: the one of that name, or the only one.
 *
 * @throws {UserError} when there is none, or several and no name
 */
export async function knownGrid(run: string, name?: string): Promise<string> {
  const names: string[] = [], folder = join(run, GRIDS);
  if (await exists(folder)) {
    for await (const entry of Deno.readDir(folder)) {
      if (await exists(join(folder, entry.name, PLAN))) names.push(entry.name);
    }
  }
  names.sort();
  if (names.length === 0) {
    throw new UserError(`Cannot use run folder ${run}: it holds no grid, want the experiment's name, which makes one`);
  }
  if (name === undefined && names.length === 1) return names[0];
  if (name === undefined) throw new UserError(`Cannot tell which grid of ${run}: want --name ${names.join(" or ")}`);
  if (names.includes(name)) return name;
  throw new UserError(`Cannot find grid ${name} in ${run}: want ${names.join(" or ")}${nearest(name, names)}`);
}
