import { availableParallelism } from "node:os";
import type { Interrupted } from "../../cli/interrupt.ts";
import { duration } from "../../cli/progress.ts";
import { UserError } from "../../core/errors.ts";
import { logEnd, logPath } from "./cellLog.ts";
import { type CellProcess, startCell } from "./cellProcess.ts";
import { StartMissing } from "../../training/start.ts";
import { isFailure } from "./exitCodes.ts";
import type { GridFolders } from "./folders.ts";
import type { Cell } from "./plan.ts";
import { denoWords, isOnCard, toldThreads } from "./processWords.ts";
import { type Outcome, ReadyQueue } from "./readyQueue.ts";
import type { GridRequest } from "./request.ts";

/** Lines of a failed cell's log that are shown. */
const LAST_LINES = 6;

/** Cells to run on this machine. */
export interface LocalRun {
  request: GridRequest;
  folders: GridFolders;
  /** In the order of the plan. */
  cells: readonly Cell[];
  /** Names of those that other processes work on. */
  busy: ReadonlySet<string>;
  /** Threads of cells that were begun, by name. */
  threads: ReadonlyMap<string, number>;
  /** How many at a time. */
  jobs: number;
  /** Set by Ctrl-C and its like, with the `Interrupted` as its reason. */
  signal: AbortSignal;
  /** Is told what happens. */
  say: (text: string) => void;
  /** Starts a process; that of `startCell` unless given. */
  start?: typeof startCell;
}

/** How many cells run at a time unless that is said: so many that all cores are used, with one thread each if need be; on a card one. */
export function usualJobs(request: GridRequest, cores: number = availableParallelism()): number {
  if (isOnCard(request.passed)) return 1;
  return Math.max(1, Math.floor(cores / (toldThreads(request) ?? 1)));
}

/**
 * Runs cells in processes of their own, each as soon as what it starts from is done. One that fails blocks what rests on it
 * and stops no other. When told to stop, it passes that on and waits until all have saved.
 *
 * @returns how each cell ended
 */
export async function runLocal(run: LocalRun): Promise<ReadyQueue["outcomes"]> {
  const { cells, busy, jobs, signal } = run, queue = new ReadyQueue(cells, busy), processes = new Set<CellProcess>();
  const running = new Set<Promise<void>>(), stop = () => processes.forEach((each) => tellToStop(each, signal));
  let started = 0;
  const work = async (cell: Cell) => {
    const ordinal = `${++started}/${cells.length}`, outcome = await runCell(run, cell, ordinal, processes);
    const left = queue.ended(cell, outcome);
    if (left > 0 && !signal.aborted) run.say(`[${ordinal}] not run, since they rest on it: ${left}`);
  };
  signal.addEventListener("abort", stop);
  try {
    while (!signal.aborted) {
      for (let cell; running.size < jobs && (cell = queue.next());) {
        const ending: Promise<void> = work(cell).finally(() => running.delete(ending));
        running.add(ending);
      }
      if (running.size === 0) break;
      await Promise.race(running);
    }
  } finally {
    await Promise.allSettled(running);
    signal.removeEventListener("abort", stop);
  }
  signal.throwIfAborted();
  return queue.outcomes;
}

function tellToStop(process: CellProcess, { reason }: AbortSignal): void {
  process.kill((reason as Interrupted).signal);
}

async function runCell(
  { request, folders, threads: begun, jobs, signal, say, start = startCell }: LocalRun,
  cell: Cell,
  ordinal: string,
  processes: Set<CellProcess>,
): Promise<Outcome> {
  const begin = performance.now(), log = logPath(folders, cell);
  say(`[${ordinal}] ${cell.name}`);
  const threads = begun.get(cell.name) ?? Math.max(1, Math.floor(availableParallelism() / jobs));
  const words = denoWords(request, folders, cell, threads);
  let process: CellProcess;
  try {
    process = await start(words, log, (line) => signal.aborted || say(`[${ordinal}] ${line}`));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    say(`[${ordinal}] ${cell.name}: not run: ${error.message}`);
    return "failed";
  }
  processes.add(process);
  if (signal.aborted) tellToStop(process, signal); // it was not among the running ones yet
  const code = await process.ended;
  processes.delete(process);
  if (signal.aborted) return code === 0 ? "done" : "waiting";
  const spent = duration((performance.now() - begin) / 1000);
  if (code === 0) {
    say(`[${ordinal}] ${cell.name}: done in ${spent}`);
    return "done";
  }
  const { last } = await logEnd(log, LAST_LINES), end = `with exit code ${code}; the end of ${log}:`;
  say(`[${ordinal}] ${cell.name}: ${code === StartMissing.exitCode ? "waits" : "failed"} after ${spent} ${end}`);
  for (const line of last) say(`    ${line}`);
  return isFailure(code) ? "failed" : "waiting";
}
