// Runs Table 17 of the thesis at one scale and prints it beside the published one.
//
//   deno task repro:table17 [--profile laptop] [--rows localmim,vitfreeze] [--seeds N] [--data PATH] [--json]

import { shortPath } from "../../cli/files.ts";
import { Interrupted, INTERRUPTED_EXIT, interruptSignal, unlessAborted } from "../../cli/interrupt.ts";
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
import { runRow } from "./run.ts";
import { checkWritable, createEngine, openData, runProgress } from "./setup.ts";
import { predictionSummary, type Saved, summary } from "./summary.ts";

/** What a command has led to so far; a run that is interrupted leaves it as it is. */
interface Outcome {
  prediction?: Prediction;
  saved: Saved[];
  /** The result being written; an interrupted run waits for it. */
  saving: Promise<unknown>;
}

async function main(args: string[]): Promise<number> {
  const command = parseCommand(args);
  if (!command.predict) await checkWritable(command.out);
  const { signal, release } = interruptSignal(), progress = createProgress();
  const outcome: Outcome = { saved: [], saving: Promise.resolve() };
  try {
    await unlessAborted(signal, runAll(command, progress, signal, outcome));
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    progress.end();
    await outcome.saving;
    console.error(keptText(outcome.saved));
    return INTERRUPTED_EXIT;
  } finally {
    progress.end();
    release();
  }
  await printOutcome(command, outcome);
  return 0;
}

function keptText(saved: readonly Saved[]): string {
  if (saved.length === 0) return "interrupted; no row was finished, nothing was kept";
  const kept = saved.map(({ path, result }) => `\n  ${ROWS[result.row].label}, seed ${result.seed}: ${path}`);
  return `interrupted; the unfinished row is lost, kept:${kept.join("")}`;
}

/** Runs every wanted row with every seed; finished runs are saved at once. */
async function runAll(command: Command, progress: Progress, signal: AbortSignal, outcome: Outcome): Promise<void> {
  const { profile, config, rows, seeds, out, json, predict } = command;
  const engine = await createEngine(command), dataset = await openData(command), hashes = await codeHashes();
  if (!json) console.log(announcement(command, dataset, engine.info));
  if (profile === "paper" || predict) {
    outcome.prediction = await predictCost(config, rows, dataset, engine, signal);
    if (!json) console.log(predictionText(outcome.prediction));
    if (predict) return;
    if (json) console.error(predictionText(outcome.prediction));
  }
  const runs = seeds.flatMap((seed) => rows.map((row) => ({ seed, row })));
  for (const [index, { seed, row }] of runs.entries()) {
    const step = runProgress(progress, `${ROWS[row].label} seed ${seed}`, index / runs.length, 1 / runs.length, config);
    const result = await runRow({ profile, config, row, seed, dataset, engine, hashes, monitor: { signal, step } });
    const saving = saveResult(out, result);
    outcome.saving = saving;
    const { id, path } = await saving;
    outcome.saved.push({ id, path: shortPath(path), result });
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
