import { hostname } from "node:os";
import { shortPath } from "../../cli/files.ts";
import { exitCode, type InterruptControl, Interrupted, interruptSignal, unlessAborted } from "../../cli/interrupt.ts";
import { createProgress, NO_PROGRESS, type Progress } from "../../cli/progress.ts";
import type { Ranks } from "../../core/parallel/ranks.ts";
import type { Job } from "../../distributed/job.ts";
import { saveResult } from "../../records/store.ts";
import { loadPublishedTable } from "../../reports/sources/published.ts";
import { tableText } from "../../reports/tables/terminal.ts";
import { codeHashes } from "../../training/identity.ts";
import { RankKeeper } from "../../training/checkpoint/rankKeeper.ts";
import { fromFirst } from "../../training/sameOnAll.ts";
import { announcement, closing, predictionText } from "./announce.ts";
import { ROWS } from "./config.ts";
import { type Command, parseCommand } from "./flags.ts";
import { predictCost, type Prediction } from "./predict.ts";
import type { RunKeeper } from "../../training/checkpoint/runKeeper.ts";
import { finishedResult, leaveResult, openRow, refuseUnfinished, rowFolder } from "./rowFolder.ts";
import { checkpointBytes, rowIdentity, type RowRun, runRow } from "./run.ts";
import { checkSame, checkShares, checkWritable, createEngine, idleCores, openData, runProgress } from "./setup.ts";
import { predictionSummary, type Saved, summary } from "./summary.ts";

const PHASES = { pretrain: "pre-training", finetune: "fine-tuning" };

/** What a command has led to so far; a run that is interrupted leaves it as it is. */
interface Outcome {
  prediction?: Prediction;
  saved: Saved[];
  /** The row under way: it settles once its state is saved. */
  running?: Promise<unknown>;
  /** The row whose checkpoint is the last. */
  unfinished?: { name: string; keeper: RunKeeper };
}

/** What a command works with. */
interface Tools {
  ranks: Ranks;
  progress: Progress;
  interrupt: InterruptControl;
  outcome: Outcome;
}

/** Does what the command line asks for, as one of the job's processes; rank 0 alone prints and writes files. */
export async function main(args: string[], job: Job): Promise<number> {
  const command = parseCommand(args, job.launch !== undefined), interrupt = interruptSignal();
  const { distributed, rankTimeout: timeout } = command;
  const ranks = await job.join({ distributed, timeout, interrupt }), first = ranks.rank === 0;
  if (first && !command.predict) await checkWritable(command.out);
  const progress = first ? createProgress() : NO_PROGRESS, outcome: Outcome = { saved: [] };
  try {
    await unlessAborted(interrupt.signal, runAll(command, { ranks, progress, interrupt, outcome }));
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    if (outcome.running) {
      await outcome.running.catch((reason) => {
        if (reason !== error) throw reason;
      });
    }
    progress.end();
    if (first) console.error(keptText(outcome));
    if (outcome.running) await job.leave(error.signal);
    else job.abort(exitCode(error));
    return exitCode(error);
  } finally {
    progress.end();
    interrupt.release();
  }
  if (first) await printOutcome(command, outcome);
  return 0;
}

function keptText({ saved, unfinished }: Outcome): string {
  const kept = saved.map(({ path, result }) => `\n  ${ROWS[result.row].label}, seed ${result.seed}: ${path}`);
  const finished = kept.length === 0 ? "" : `\nfinished:${kept.join("")}`, state = unfinished?.keeper.saved;
  if (!state) return `interrupted; ${kept.length === 0 ? "no row was finished, " : ""}nothing was under way${finished}`;
  const { name, keeper: { options: { folder } } } = unfinished!;
  const step = `step ${state.iteration} of ${PHASES[state.phase]}`;
  return `interrupted; ${name} is saved in ${shortPath(folder)}, after ${step}${finished}\n` +
    "The same command with --resume goes on from there.";
}

/** Runs every wanted row with every seed; finished runs are saved at once. */
async function runAll(command: Command, tools: Tools): Promise<void> {
  const { profile, config, rows, seeds, json, predict, accum, folders: { root, begin } } = command;
  const { ranks, progress, outcome, interrupt: { signal } } = tools, first = ranks.rank === 0;
  const runs = seeds.flatMap((seed) => rows.map((row) => ({ seed, row, folder: rowFolder(root, row, seed) })));
  if (first && !predict && begin === "new") await refuseUnfinished(runs.map(({ folder }) => folder));
  if (!predict) checkShares(command, ranks);
  const engine = await createEngine(command, ranks), hashes = await codeHashes();
  const idle = idleCores(command, ranks);
  if (first && idle) console.error(`warning: ${idle}`);
  // Rank 0 opens the data first: what it finds out may be kept in a cache, from which the others have it soon.
  if (!first) await ranks.wait("the opening of the data");
  const dataset = await openData(command);
  if (first) await ranks.wait("the opening of the data");
  await ranks.wait("the opening of the data by all");
  await checkSame(ranks, command, dataset, engine, hashes);
  if (first && !json) console.log(announcement(command, dataset, engine.info, ranks));
  if (profile === "paper" || predict) {
    if (first) {
      outcome.prediction = await predictCost(config, rows, dataset, engine, signal, ranks.size);
      if (!json) console.log(predictionText(outcome.prediction, ranks));
      else if (!predict) console.error(predictionText(outcome.prediction, ranks));
    }
    await ranks.wait("the prediction");
    if (predict) return;
  }
  for (const [index, { seed, row, folder }] of runs.entries()) {
    signal.throwIfAborted();
    const name = `${ROWS[row].label} seed ${seed}`;
    const step = runProgress(progress, name, index / runs.length, 1 / runs.length, config);
    const run = { profile, config, row, seed, dataset, engine, hashes, monitor: { signal, step }, ranks, accum };
    const running = runInFolder(command, run, folder, tools, name);
    outcome.running = running;
    const saved = await running;
    if (saved) outcome.saved.push(saved);
    outcome.unfinished = undefined;
  }
}

/**
 * Runs one row in its folder, from where it stands; its result ends up there and among the results. The folder is rank 0's:
 * the others are told what it holds.
 */
async function runInFolder(
  { folders, out, accum }: Command,
  run: Omit<RowRun, "keeper">,
  folder: string,
  { ranks, progress, outcome }: Tools,
  name: string,
): Promise<Saved | undefined> {
  const say = (text: string) => {
    progress.end();
    console.error(`warning: ${text}`);
  };
  const { library, size } = ranks, { threads } = run.engine.info, first = ranks.rank === 0;
  const hosts = size > 1 ? [...ranks.hosts] : [hostname()];
  const layout = { library, hosts, threads, ...(accum !== undefined && { accum }) };
  const own = first ? await openRow(folder, rowIdentity(run), folders, say, run.monitor.signal, layout) : undefined;
  try {
    if (own) outcome.unfinished = { name, keeper: own.keeper };
    let result = first && folders.begin === "resume" ? await finishedResult(folder) : undefined;
    if (!result) await own?.held.checkSpace(checkpointBytes(run.config) * (folders.keep + 1));
    await ranks.wait(`the folder of ${name}`);
    if (await fromFirst(ranks, `the state of ${name}`, result ? "finished" : "to run") === "to run") {
      const made = await runRow({ ...run, keeper: await RankKeeper.share(ranks, own?.keeper) });
      if (first) result = await leaveResult(folder, made);
    }
    if (!own || !result) return undefined;
    const { id, path } = await saveResult(out, result);
    await own.keeper.finish();
    return { id, path: shortPath(path), result };
  } finally {
    own?.held.release();
  }
}

async function printOutcome(command: Command, { prediction, saved }: Outcome): Promise<void> {
  const { json, predict } = command;
  if (json) {
    const printed = predict && prediction ? predictionSummary(command, prediction) : summary(command, saved);
    console.log(JSON.stringify(printed, null, 2));
  } else if (!predict) {
    const published = await loadPublishedTable("thesis.table17");
    console.log(`\n${tableText(published, saved.map(({ result }) => result))}\n${closing(command, saved)}`);
  }
}
