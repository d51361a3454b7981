import { dirname, join } from "node:path";
import { exists, readWhole, shortRecord, writeWhole } from "../../cli/files.ts";
import type { Progress } from "../../cli/progress.ts";
import type { Engine } from "../../core/engine/engine.ts";
import { UserError } from "../../core/errors.ts";
import { printable, printableTexts } from "../../core/printable.ts";
import { sha256 } from "../../core/sha256.ts";
import type { ImageDataset } from "../../datasets/dataset.ts";
import { canonicalJson } from "../../records/canonical.ts";
import { inOrder, type Phase, phaseKey } from "../../records/phase.ts";
import {
  type Repeat,
  type Round,
  saveTimes,
  type TimedPhase,
  TIMES_SCHEMA,
  type TimesRecord,
} from "../../records/times.ts";
import type { PretrainConfig } from "../../training/config.ts";
import { type CodeHashes, machineInfo } from "../../training/identity.ts";
import type { Objective } from "../../training/objective.ts";
import { timedObjective, timeRound, unfrozenEpochs } from "../../training/times.ts";
import type { Command } from "./flags.ts";
import { timesText } from "./timesText.ts";

/** What a measurement is made with. */
export interface TimesWork {
  datasetOf(phase: Phase): ImageDataset;
  engine: Engine;
  hashes: CodeHashes;
  git: TimesRecord["git"];
  progress: Progress;
  signal: AbortSignal;
}

/** What has been measured so far; its file lasts from round to round. */
interface Kept {
  repeats: Repeat[];
  /** Of the repeat under way. */
  start: string | null;
  rounds: Round[];
}

/**
 * Measures the time of every wanted pre-training, the rows in turn step by step, and prints the pairs. What was interrupted
 * goes on behind its last whole round, so that every row was measured beside the same others.
 */
export async function measureTimes(command: Command, work: TimesWork): Promise<void> {
  const { wanted, folders: { root, out, fresh } } = command, { repeats } = command.times!;
  const objectives = new Map(wanted.map((phase) => [phaseKey(phase), objectiveOf(phase, work)]));
  const lengths = [...objectives.values()].map(({ iterationsPerEpoch }) => iterationsPerEpoch);
  const steps = Math.min(command.times!.steps, ...lengths), about = aboutOf(command, work, objectives, steps);
  const path = join(root, `times-${sha256(canonicalJson(about)).slice(0, 12)}`, "progress.json");
  const kept: Kept = !fresh && await exists(path) ? await readKept(path) : { repeats: [], start: null, rounds: [] };
  const epochs = Math.max(...[...objectives.values()].map((objective) => objective.epochs));
  await Deno.mkdir(dirname(path), { recursive: true });
  for (let repeat = kept.repeats.length; repeat < repeats; repeat++) {
    kept.start ??= now();
    for (let epoch = kept.rounds.length; epoch < epochs; epoch++) {
      const done = (repeat * epochs + epoch) / (repeats * epochs);
      work.progress.show(`repeat ${repeat + 1}/${repeats}  epoch ${epoch + 1}/${epochs}`, done, [
        `${objectives.size} rows`,
      ]);
      kept.rounds.push(await timeRound(objectives, { repeat, epoch, steps }, work.engine, work.signal));
      await writeWhole(path, JSON.stringify(kept));
    }
    kept.repeats.push({ start: kept.start, end: now(), rounds: kept.rounds });
    kept.rounds = [];
    kept.start = null;
    await writeWhole(path, JSON.stringify(kept));
  }
  const measured = kept.repeats.slice(0, repeats);
  const record: TimesRecord = {
    kind: "vitfreeze.times",
    schemaVersion: TIMES_SCHEMA,
    ...about,
    repeats: measured,
    start: measured[0].start,
    end: measured.at(-1)!.end,
  };
  const { path: saved } = await saveTimes(out, record);
  work.progress.end();
  console.log(`${timesText(command, record)}\nrecord: ${shortRecord(saved)}`);
}

function objectiveOf(phase: Phase, { datasetOf }: TimesWork): Objective<unknown> {
  return timedObjective(phase.config as unknown as PretrainConfig, datasetOf(phase).train);
}

/** All that a record says besides what was measured. */
function aboutOf(
  { experiment, request: { profile }, plan, wanted }: Command,
  { datasetOf, engine, hashes, git }: TimesWork,
  objectives: ReadonlyMap<string, Objective<unknown>>,
  steps: number,
): Omit<TimesRecord, "kind" | "schemaVersion" | "repeats" | "start" | "end"> {
  const phases = wanted.map((phase): [string, TimedPhase] => {
    const objective = objectives.get(phaseKey(phase))!;
    const runs = plan.runs.filter((run) => inOrder(run.phases).some((each) => phaseKey(each) === phaseKey(phase)));
    return [phaseKey(phase), {
      rows: runs.map(({ row }) => row),
      config: phase.config,
      epochs: objective.epochs,
      iterations: objective.iterationsPerEpoch,
      unfrozen: unfrozenEpochs(objective),
    }];
  });
  const { name, classes, train, test, skipped } = datasetOf(wanted[0]);
  return {
    asked: { experiment: experiment.id, profile, set: plan.set },
    phases: Object.fromEntries(phases),
    steps,
    hashes: timedHashes(wanted, datasetOf, hashes),
    git,
    engine: engine.info,
    machine: printableTexts(machineInfo()),
    dataset: { name: printable(name), classes: classes.length, train: train.length, test: test.length, skipped },
  };
}

/** What was measured, of which code: that of every method, and all images. */
function timedHashes(
  wanted: readonly Phase[],
  datasetOf: TimesWork["datasetOf"],
  { code, methods, lock }: CodeHashes,
): TimesRecord["hashes"] {
  const names = new Set(wanted.map(({ config }) => (config as unknown as PretrainConfig).method.name));
  const images = [...new Set(wanted.map((phase) => datasetOf(phase).sha256))].sort();
  return {
    code,
    lock,
    data: images.length === 1 ? images[0] : sha256(canonicalJson(images)),
    methods: Object.fromEntries([...names].map((name) => [name, methods[name]])),
  };
}

async function readKept(path: string): Promise<Kept> {
  try {
    return JSON.parse(new TextDecoder().decode(await readWhole(path)));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UserError(`Cannot go on from ${path}: not JSON; want --fresh to measure anew`);
  }
}

function now(): string {
  return new Date().toISOString();
}
