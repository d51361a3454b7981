import { availableParallelism } from "node:os";
import type { Interrupted } from "../../cli/interrupt.ts";
import { duration } from "../../cli/progress.ts";
import { logEnd, logPath } from "./cellLog.ts";
import { type CellProcess, startCell } from "./cellProcess.ts";
import { findExperiment, taskOf } from "./experiments.ts";
import { type Cell, cellWords, type GridFolders, type GridRequest } from "./plan.ts";

/** Lines of a failed cell's log that are shown. */
const LAST_LINES = 6;

/** Cells to run on this machine. */
export interface LocalRun {
  request: GridRequest;
  folders: GridFolders;
  cells: readonly Cell[];
  /** Threads of cells that were begun, by name. */
  threads: ReadonlyMap<string, number>;
  /** How many at a time. */
  jobs: number;
  /** Set by Ctrl-C and its like, with the `Interrupted` as its reason. */
  signal: AbortSignal;
  /** Is told what happens. */
  say: (text: string) => void;
}

/** Words that run a cell with so many threads, unless its command line says how many. */
export function denoWords(request: GridRequest, folders: GridFolders, cell: Cell, threads: number): string[] {
  const { permissions, script } = taskOf(findExperiment(request.experiment).experiment);
  const { passed } = request, told = passed.includes("--threads") || passed.includes("eager");
  return [
    "run",
    ...permissions,
    script,
    ...cellWords(request, folders, cell),
    ...(told ? [] : ["--threads", `${threads}`]),
  ];
}

/**
 * Runs cells in processes of their own; one that fails does not stop the others. When told to stop, it passes that on
 * and waits until all have saved.
 *
 * @returns the cells that failed
 */
export async function runLocal(run: LocalRun): Promise<Cell[]> {
  const { cells, jobs, signal } = run, running = new Set<CellProcess>(), failed: Cell[] = [];
  const threads = Math.max(1, Math.floor(availableParallelism() / jobs));
  const stop = () => running.forEach((process) => process.kill((signal.reason as Interrupted).signal));
  signal.addEventListener("abort", stop);
  const queue = cells.entries();
  const work = async () => {
    for (const [i, cell] of queue) {
      if (signal.aborted) return;
      if (!await runCell(run, cell, `${i + 1}/${cells.length}`, threads, running)) failed.push(cell);
    }
  };
  try {
    const workers = await Promise.allSettled(Array.from({ length: Math.min(jobs, cells.length) }, work));
    for (const worker of workers) if (worker.status === "rejected") throw worker.reason;
  } finally {
    signal.removeEventListener("abort", stop);
  }
  signal.throwIfAborted();
  return failed;
}

async function runCell(
  { request, folders, threads: begun, signal, say }: LocalRun,
  cell: Cell,
  ordinal: string,
  threads: number,
  running: Set<CellProcess>,
): Promise<boolean> {
  const start = performance.now(), log = logPath(folders, cell);
  say(`[${ordinal}] ${cell.name}`);
  const words = denoWords(request, folders, cell, begun.get(cell.name) ?? threads);
  const process = await startCell(words, log, (line) => signal.aborted || say(`[${ordinal}] ${line}`));
  running.add(process);
  if (signal.aborted) process.kill((signal.reason as Interrupted).signal); // it was not among the running ones yet
  const code = await process.ended;
  running.delete(process);
  const spent = duration((performance.now() - start) / 1000);
  if (code === 0) say(`[${ordinal}] ${cell.name}: done in ${spent}`);
  if (code === 0 || signal.aborted) return true;
  const { last } = await logEnd(log, LAST_LINES);
  say(`[${ordinal}] ${cell.name}: failed after ${spent} with exit code ${code}; the end of ${log}:`);
  for (const line of last) say(`    ${line}`);
  return false;
}
