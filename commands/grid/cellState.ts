import { join } from "node:path";
import { exists, shortPath } from "../../cli/files.ts";
import { canonicalJson } from "../../records/canonical.ts";
import type { PhaseRecord } from "../../records/schema.ts";
import type { StoredRecord } from "../../records/store.ts";
import { RunFolder } from "../../training/checkpoint/runFolder.ts";
import { logEnd, logPath } from "./cellLog.ts";
import { isFailure } from "./exitCodes.ts";
import type { GridFolders } from "./folders.ts";
import type { KeptRecords } from "./keptRecords.ts";
import { phaseFolder } from "../../training/phaseFolder.ts";
import { begunThreads } from "../../training/checkpoint/phaseKeeper.ts";
import { weightsFile } from "../../training/checkpoint/weightsFile.ts";
import { type LeftRecord, leftRecord, stepsDone } from "./leftInFolder.ts";
import type { Cell, Plan } from "./plan.ts";

/** How far a cell may be, in the order in which they are counted. */
export const STATES = ["done", "running", "resumable", "waiting", "failed", "blocked"] as const;

/** How far a cell is. */
export interface CellState {
  kind: typeof STATES[number];
  /** More about it, e.g. "120 steps done". */
  detail: string;
  /** Its verified records; more than one is one too many. */
  records: StoredRecord[];
  /** How many threads it was begun with. */
  threads?: number;
  /** A file that is not what the phase has left, and what is wrong with it: it has to go before the cell can run. */
  broken?: { path: string; problem: string };
}

/**
 * How far the cells of a plan are, from what is on disk and who holds their folders.
 *
 * @param recorded whether a kept record is enough, whoever made it and wherever
 */
export async function cellStates(
  { cells }: Plan,
  folders: GridFolders,
  kept: KeptRecords,
  recorded = false,
): Promise<CellState[]> {
  const known = new Map<string, CellState>();
  for (const cell of cells) known.set(cell.name, await cellState(folders, cell, kept, recorded));
  for (const { name, start, phase: { from } } of cells) {
    if (start === undefined || known.get(name)!.kind === "done" || known.get(start)!.kind !== "done") continue;
    const epochs = from!.epochs ?? Number(from!.phase.config.epochs);
    if (await exists(join(phaseFolder(folders.run, from!.phase), weightsFile(epochs)))) continue;
    const detail = `its weights after ${epochs} epochs are missing`;
    known.set(start, { ...known.get(start)!, kind: "waiting", detail });
  }
  for (const { name, start } of cells) {
    if (start !== undefined) known.set(name, besideStart(known.get(name)!, known.get(start)!));
  }
  return [...known.values()];
}

/** What becomes of a state where the phase that the cell starts from is not done. */
function besideStart(own: CellState, start: CellState): CellState {
  if (own.kind === "done" || own.kind === "running" || start.kind === "done") return own;
  if (start.kind === "failed" || start.kind === "blocked") {
    return { ...own, kind: "blocked", detail: "its start failed" };
  }
  return own.kind === "waiting" && own.detail === "" ? { ...own, detail: "for its start" } : own;
}

/**
 * Tells how far a cell is by itself. It is done when its record is among the kept ones under its hash; what merely lies in
 * its folder does not count, and a kept one of another code, data or machine is not its own unless `recorded` says that any is.
 */
async function cellState(folders: GridFolders, cell: Cell, kept: KeptRecords, recorded: boolean): Promise<CellState> {
  const folder = phaseFolder(folders.run, cell.phase), left = await leftRecord(folder, cell.key);
  const own = ownRecords(left, kept.verified.get(cell.key) ?? [], recorded), threads = await begunThreads(folder);
  const records = recorded ? own.slice(0, 1) : own, problem = left.problem ?? difference(left, own);
  const broken = problem !== undefined && { broken: { path: left.path, problem } };
  const found = { records, ...(threads && { threads }), ...broken };
  if (records.length > 0) {
    const detail = records.length === 1 ? records[0].id.slice(0, 12) : `${records.length} records, want one`;
    return { kind: "done", detail, ...found };
  }
  const holder = await RunFolder.holder(folder);
  if (holder !== undefined) return { kind: "running", detail: `by ${holder.replace(/,$/, "")}`, ...found };
  if (left.found) return { kind: "waiting", detail: "its record has to be copied", ...found };
  const steps = await stepsDone(folder), done = steps === undefined ? "" : `${steps} steps done`;
  const { code } = await logEnd(logPath(folders, cell), 1);
  if (code !== undefined && isFailure(code)) {
    return { kind: "failed", detail: [`exit code ${code}`, done].filter(Boolean).join("; "), ...found };
  }
  return { kind: done ? "resumable" : "waiting", detail: done, ...found };
}

/**
 * The kept records of a phase that its folder's could be: of the same code, data, engine and machine. Where the folder's is
 * broken, one of them stands for it, lest the phase is trained a second time.
 */
function ownRecords({ found, problem }: LeftRecord, kept: readonly StoredRecord[], recorded: boolean): StoredRecord[] {
  if (!found) return recorded || problem !== undefined ? kept.slice(0, 1) : [];
  const place = ({ hashes, engine, machine }: PhaseRecord) => canonicalJson({ hashes, engine, machine });
  return kept.filter(({ record }) => place(record) === place(found.record));
}

/** What is wrong with a record that is not the one that was kept. */
function difference({ path, found }: LeftRecord, records: readonly StoredRecord[]): string | undefined {
  if (!found || records.length === 0 || records.some(({ id }) => id === found.id)) return undefined;
  return `Cannot use ${path}: its SHA-256 is ${found.id}, that of the kept record ${records[0].id}`;
}

/** Puts a broken file aside, so that the cell can be run again; says so. */
export async function putAside({ path, problem }: NonNullable<CellState["broken"]>): Promise<string> {
  const aside = `${path}.broken`;
  await Deno.rename(path, aside);
  return `${problem}; it is now ${shortPath(aside)}, and the phase is run again`;
}
