import { join } from "node:path";
import { columnsOfOutput, fitted } from "../../cli/columns.ts";
import { shortPath, shortRecord } from "../../cli/files.ts";
import { exitCode, type InterruptControl, Interrupted, interruptSignal, unlessAborted } from "../../cli/interrupt.ts";
import { createProgress, NO_PROGRESS, type Progress } from "../../cli/progress.ts";
import type { Ranks } from "../../core/parallel/ranks.ts";
import type { Job } from "../../distributed/job.ts";
import { type Phase, phaseKey } from "../../records/phase.ts";
import type { PhaseKeeper } from "../../training/checkpoint/phaseKeeper.ts";
import type { Finished } from "../../training/graphWork.ts";
import { runPhases } from "../../training/graph.ts";
import { codeHashes, gitInfo } from "../../training/identity.ts";
import { RUNNERS } from "../../training/phases/mod.ts";
import { StartMissing } from "../../training/start.ts";
import { announcement, closing, configText, predictionText } from "./announce.ts";
import { type Command, parseCommand, readGivenOf } from "./flags.ts";
import { experimentList } from "./list.ts";
import { predictCost, type Prediction } from "./predict.ts";
import { phaseName, phaseProgress } from "./progress.ts";
import { checkMemory, checkSame, checkWritable, createEngine, idleCores, openImages, tooManyThreads } from "./setup.ts";
import { CompiledEngine } from "../../core/engine/compiled.ts";
import { UserError } from "../../core/errors.ts";
import { measureTimes } from "./times.ts";
import { predictionSummary, summary } from "./summary.ts";

/** Where the features of all teachers and data sets lie. */
const FEATURES = join(".cache", "features");

/** The outcome so far; an interrupted command keeps it. */
interface Outcome {
  prediction?: Prediction;
  /** Finished phases by key. */
  finished: Map<string, Finished>;
  /** The phases under way: settles once the state is saved. */
  running?: Promise<unknown>;
  /** The phase whose checkpoint is the last. */
  under?: { phase: Phase; keeper: PhaseKeeper };
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
  const command = parseCommand(args, job.launch !== undefined, await readGivenOf(args));
  if (!command) {
    console.log(experimentList());
    return 0;
  }
  if (command.config) {
    console.log(configText(command.plan.settings).trimEnd());
    return 0;
  }
  const { distributed, rankTimeout: timeout, folders: { out, root } } = command, interrupt = interruptSignal();
  const ranks = await job.join({ distributed, timeout, interrupt }), first = ranks.rank === 0;
  if (first && !command.predict) await checkWritable(out, out === join(root, "results") ? "--run" : "--out");
  const progress = first ? createProgress() : NO_PROGRESS, outcome: Outcome = { finished: new Map() };
  try {
    await unlessAborted(interrupt.signal, runAll(command, { ranks, progress, interrupt, outcome }));
  } catch (error) {
    if (error instanceof StartMissing && ranks.size === 1) {
      progress.end();
      console.error(`error: ${error.message}`);
      return StartMissing.exitCode;
    }
    if (!(error instanceof Interrupted)) throw error;
    if (outcome.running) {
      await outcome.running.catch((reason) => {
        if (reason !== error) throw reason;
      });
    }
    progress.end();
    if (first) console.error(fitted(keptText(command, outcome)));
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

function keptText({ plan: { runs }, wanted }: Command, { finished, under }: Outcome): string {
  const kept = wanted.flatMap((phase) => {
    const found = finished.get(phaseKey(phase));
    return found ? [`\n  ${phaseName(phase, runs)}, ${RUNNERS[phase.kind].name}: ${shortRecord(found.path)}`] : [];
  });
  const ended = kept.length === 0 ? "" : `\nfinished:${kept.join("")}`, steps = under?.keeper.saved;
  if (!under || steps === undefined) {
    return `interrupted; ${kept.length === 0 ? "no phase was finished, " : ""}nothing was under way${ended}`;
  }
  const { phase, keeper: { options: { folder } } } = under;
  const where = `${shortPath(folder)}, after step ${steps} of ${RUNNERS[phase.kind].name}`;
  return `interrupted; ${phaseName(phase, runs)} is saved in ${where}${ended}\nThe same command goes on from there.`;
}

/** Runs every wanted phase, or takes it; finished ones are saved at once. */
async function runAll(command: Command, { ranks, progress, outcome, interrupt: { signal } }: Tools): Promise<void> {
  const { experiment, request: { profile }, plan, wanted, json, predict, accum, folders } = command;
  const first = ranks.rank === 0, engine = await createEngine(command, ranks), hashes = await codeHashes();
  const warn = (text: string) => {
    progress.end();
    console.error(`warning: ${text}`);
  };
  const idle = tooManyThreads(command) ?? idleCores(command, ranks);
  if (first && idle) warn(idle);
  const datasetOf = await openImages(command, ranks);
  if (!predict) checkMemory(command, datasetOf, ranks, engine instanceof CompiledEngine ? engine.card : undefined);
  await checkSame(ranks, command, datasetOf, engine, hashes);
  if (first && !json) console.log(fitted(announcement(command, datasetOf, engine.info, ranks)));
  if (command.times) {
    if (ranks.size > 1) throw new UserError("Cannot use --times with several ranks: want one process");
    outcome.running = measureTimes(command, { datasetOf, engine, hashes, progress, signal, git: await gitInfo() });
    await outcome.running;
    return;
  }
  if (profile === "paper" || predict) {
    if (first) {
      outcome.prediction = await predictCost(command, datasetOf, engine, signal, ranks.size);
      const text = predictionText(command, outcome.prediction, ranks);
      if (!json) console.log(fitted(text));
      else if (!predict) console.error(text);
    }
    await ranks.wait("the prediction");
    if (predict) return;
  }
  const stepOf = phaseProgress(progress, wanted, plan.runs);
  outcome.running = runPhases(wanted, plan.phases, {
    folders,
    engine,
    hashes,
    git: first ? await gitInfo() : null,
    asked: { experiment: experiment.id, profile, set: plan.set },
    ranks,
    accum,
    datasetOf,
    ...(command.teacher && { teacher: { model: command.teacher, folder: FEATURES } }),
    ...(command.tokens && { tokens: command.tokens }),
    monitorOf: (phase) => ({ signal, step: stepOf(phase) }),
    warn,
    under: (phase, keeper) => outcome.under = keeper && { phase, keeper },
    done(phase, finished) {
      outcome.finished.set(phaseKey(phase), finished);
      outcome.under = undefined;
    },
  });
  await outcome.running;
}

async function printOutcome(command: Command, { prediction, finished }: Outcome): Promise<void> {
  if (command.times) return;
  const { json, predict, experiment, request: { profile }, plan: { set } } = command;
  if (json) {
    const printed = predict && prediction ? predictionSummary(command, prediction) : summary(command, finished);
    console.log(JSON.stringify(printed, null, 2));
  } else if (!predict) {
    const { terminalTables } = await import("../../reports/tables/terminal.ts"); // not needed while training
    const all = [...finished.values()], records = all.map(({ record }) => record);
    const { loadPublishedTable } = await import("../../reports/sources/published.ts");
    const tables = await terminalTables(experiment, { profile, set }, records, columnsOfOutput());
    const { model, dataset } = await loadPublishedTable(experiment.fills[0].table);
    console.log(`\n${tables}\n${fitted(closing(command, all, tables, `${model} on ${dataset}`))}`);
  }
}
