import { shortPath } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { findCheckpoint } from "../../training/checkpoint/checkpointFiles.ts";
import { RunFolder } from "../../training/checkpoint/runFolder.ts";
import { recordedRun } from "../../training/checkpoint/runKeeper.ts";
import { resultId } from "../../records/identity.ts";
import type { RunResult } from "../../records/schema.ts";
import type { StoredResult } from "../../records/store.ts";
import { logEnd, logPath } from "./cellLog.ts";
import { type Experiment, findExperiment } from "./experiments.ts";
import type { KeptResults } from "./keptResults.ts";
import { type Cell, cellFolder, type GridFolders, type GridRequest } from "./plan.ts";

/** How far a cell is. */
export interface CellState {
  kind: "done" | "running" | "failed" | "resumable" | "waiting";
  /** More about it, e.g. "pretrain, 120 steps done". */
  detail: string;
  /** Its verified results; more than one is one too many. */
  results: StoredResult[];
  /** How many threads it was begun with. */
  threads?: number;
  /** A file that is not what a run has left, and what is wrong with it: it has to go before the cell can run. */
  broken?: { path: string; problem: string };
}

/** Exit codes of runs that were told to stop, or that ended well. */
const ORDERLY = [0, 75, 130, 140, 143];

/**
 * Tells how far a cell is, from what is on disk and who holds its folder. A cell is done when its result is among the
 * kept ones under its hash; what merely lies there does not count.
 */
export async function cellState(
  request: GridRequest,
  folders: GridFolders,
  cell: Cell,
  kept: KeptResults,
): Promise<CellState> {
  const { experiment } = findExperiment(request.experiment);
  const folder = experiment.folder(cellFolder(folders, cell), cell.row, cell.seed);
  // Where the record is broken, the run itself says so when it is started.
  const run = await recordedRun(folder).catch(() => undefined), left = await leftResult(experiment, folder);
  const results = kept.verified.filter(({ result }) => run && experiment.isResultOf(run, result));
  const path = experiment.resultPath(folder);
  const problem = left.problem ?? difference(path, left.result, results) ??
    (run && left.result && !experiment.isResultOf(run, left.result)
      ? `Cannot use ${path}: it is the result of another run, want that of ${cell.name}`
      : undefined);
  const threads = run && experiment.threads(run);
  const found = { results, ...(threads && { threads }), ...(problem !== undefined && { broken: { path, problem } }) };
  if (results.length > 0) {
    const detail = results.length === 1 ? results[0].id.slice(0, 12) : `${results.length} results, want one`;
    return { kind: "done", detail, ...found };
  }
  const holder = await RunFolder.holder(folder);
  if (holder !== undefined) return { kind: "running", detail: `by ${holder.replace(/,$/, "")}`, ...found };
  if (left.result && problem === undefined) {
    return { kind: "waiting", detail: "its result has to be copied", ...found };
  }
  const checkpoint = await findCheckpoint(folder, () => {});
  const step = checkpoint ? `${checkpoint.header.phase}, ${checkpoint.header.iteration} steps done` : "";
  const { code } = await logEnd(logPath(folders, cell), 1);
  if (code !== undefined && !ORDERLY.includes(code)) {
    return { kind: "failed", detail: [`exit code ${code}`, step].filter(Boolean).join("; "), ...found };
  }
  return { kind: step ? "resumable" : "waiting", detail: step, ...found };
}

/** The result that a run has left in its folder, or what is wrong with it. */
async function leftResult(experiment: Experiment, folder: string): Promise<{ result?: RunResult; problem?: string }> {
  try {
    const result = await experiment.finished(folder);
    return result ? { result } : {};
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { problem: error.message };
  }
}

/** What is wrong with a result that is not the one that was kept. */
function difference(path: string, left: RunResult | undefined, results: readonly StoredResult[]): string | undefined {
  const id = left && resultId(left);
  if (id === undefined || results.length === 0 || results.some((result) => result.id === id)) return undefined;
  return `Cannot use ${path}: its SHA-256 is ${id}, that of the kept result ${results[0].id}`;
}

/** Puts a broken file aside, so that the cell can be run again; says so. */
export async function putAside({ path, problem }: NonNullable<CellState["broken"]>): Promise<string> {
  const aside = `${path}.broken`;
  await Deno.rename(path, aside);
  return `${problem}; it is now ${shortPath(aside)}, and the cell is run again`;
}
