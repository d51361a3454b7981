// Runs Table 17 of the thesis at one scale and prints it beside the published one.
//
//   deno task repro:table17 [--profile laptop] [--rows localmim,vitfreeze] [--seeds N] [--data PATH] [--resume] [--json]

import { shortPath } from "../../cli/files.ts";
import { exitCode, Interrupted, interruptSignal, unlessAborted } from "../../cli/interrupt.ts";
import { runMain } from "../../cli/main.ts";
import { createProgress, type Progress } from "../../cli/progress.ts";
import { saveResult } from "../../reports/results/store.ts";
import { loadPublishedTable } from "../../reports/sources/published.ts";
import { tableText } from "../../reports/tables/terminal.ts";
import { codeHashes } from "../training/identity.ts";
import { announcement, closing, predictionText } from "./announce.ts";
import { ROWS } from "./config.ts";
import { type Command, parseCommand } from "./flags.ts";
import { predictCost, type Prediction } from "./predict.ts";
import type { RunKeeper } from "../training/checkpoint/runKeeper.ts";
import { finishedResult, leaveResult, openRow, refuseUnfinished, rowFolder } from "./rowFolder.ts";
import { checkpointBytes, rowIdentity, type RowRun, runRow } from "./run.ts";
import { checkWritable, createEngine, openData, runProgress } from "./setup.ts";
import { predictionSummary, type Saved, summary } from "./summary.ts";

const PHASES = { pretrain: "pre-training", finetune: "fine-tuning" };

/** What a command has led to so far; a run that is interrupted leaves it as it is. */
interface Outcome {
  prediction?: Prediction;
  saved: Saved[];
  /** The row under way: it settles once its state is saved. */
  running: Promise<unknown>;
  /** The row whose checkpoint is the last. */
  unfinished?: { name: string; keeper: RunKeeper };
}

async function main(args: string[]): Promise<number> {
  const command = parseCommand(args);
  if (!command.predict) await checkWritable(command.out);
  const { signal, release } = interruptSignal(), progress = createProgress();
  const outcome: Outcome = { saved: [], running: Promise.resolve() };
  try {
    await unlessAborted(signal, runAll(command, progress, signal, outcome));
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    await outcome.running.catch((reason) => {
      if (reason !== error) throw reason;
    });
    progress.end();
    console.error(keptText(outcome));
    return exitCode(error);
  } finally {
    progress.end();
    release();
  }
  await printOutcome(command, outcome);
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
async function runAll(command: Command, progress: Progress, signal: AbortSignal, outcome: Outcome): Promise<void> {
  const { profile, config, rows, seeds, json, predict, folders: { root, begin } } = command;
  const runs = seeds.flatMap((seed) => rows.map((row) => ({ seed, row, folder: rowFolder(root, row, seed) })));
  if (!predict && begin === "new") await refuseUnfinished(runs.map(({ folder }) => folder));
  const engine = await createEngine(command), dataset = await openData(command), hashes = await codeHashes();
  if (!json) console.log(announcement(command, dataset, engine.info));
  if (profile === "paper" || predict) {
    outcome.prediction = await predictCost(config, rows, dataset, engine, signal);
    if (!json) console.log(predictionText(outcome.prediction));
    if (predict) return;
    if (json) console.error(predictionText(outcome.prediction));
  }
  for (const [index, { seed, row, folder }] of runs.entries()) {
    signal.throwIfAborted();
    const name = `${ROWS[row].label} seed ${seed}`;
    const step = runProgress(progress, name, index / runs.length, 1 / runs.length, config);
    const run = { profile, config, row, seed, dataset, engine, hashes, monitor: { signal, step } };
    const running = runInFolder(command, run, folder, progress, (keeper) => outcome.unfinished = { name, keeper });
    outcome.running = running;
    outcome.saved.push(await running);
    outcome.unfinished = undefined;
  }
}

/** Runs one row in its folder, from where it stands; its result ends up there and among the results. */
async function runInFolder(
  { folders, out }: Command,
  run: Omit<RowRun, "keeper">,
  folder: string,
  progress: Progress,
  opened: (keeper: RunKeeper) => void,
): Promise<Saved> {
  const say = (text: string) => {
    progress.end();
    console.error(`warning: ${text}`);
  };
  const { held, keeper } = await openRow(folder, rowIdentity(run), folders, say, run.monitor.signal);
  try {
    opened(keeper);
    let result = folders.begin === "resume" ? await finishedResult(folder) : undefined;
    if (!result) {
      await held.checkSpace(checkpointBytes(run.config) * (folders.keep + 1));
      result = await leaveResult(folder, await runRow({ ...run, keeper }));
    }
    const { id, path } = await saveResult(out, result);
    await keeper.finish();
    return { id, path: shortPath(path), result };
  } finally {
    held.release();
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

if (import.meta.main) await runMain(main);
