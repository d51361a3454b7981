import { methodOf } from "../core/methods/mod.ts";
import { freezeState } from "../core/schedules/freezeState.ts";
import { sha256 } from "../core/sha256.ts";
import type { Experiment } from "../experiments/experiment.ts";
import { planOf } from "../experiments/plan.ts";
import type { ProbeKind } from "../experiments/probes.ts";
import { table17 } from "../experiments/thesis/table17.ts";
import { recordId } from "../records/identity.ts";
import { inOrder, type Phase, phaseKey, plainPhase } from "../records/phase.ts";
import type { Epoch, PhaseRecord } from "../records/schema.ts";
import type { StoredRecord } from "../records/store.ts";
import { pretrainConfigSchema } from "../training/config.ts";
import { stateEvents } from "../training/liveness.ts";
import { scheduleOf } from "../training/schedule.ts";

/** Steps of an epoch at most, so that long trainings are quickly made up. */
const MOST_ITERATIONS = 10;

/** Invented numbers of a run. */
export interface MadeUpNumbers {
  top1?: number;
  top5?: number;
  /** Seconds inside the steps of an epoch of pre-training: targets 0.5, optimiser 0.5, the rest in the step. */
  seconds?: number;
  /** The same of an epoch before anything freezes; `seconds` unless given. */
  unfrozen?: number;
}

/** What made-up records shall be; every member has a default. */
export interface MadeUp {
  experiment?: Experiment;
  profile?: string;
  set?: string[];
  /** Runs; all unless given. */
  rows?: string[];
  seeds?: number[];
  probes?: ProbeKind[];
  /** Numbers of a run; a phase of several runs has those of the first. */
  numbers?: (row: string, seed: number) => MadeUpNumbers;
  /** Records that are there already: a phase of them is not made again, and what rests on it starts from them. */
  there?: readonly MadeUpRecord[];
  /** What else is to be other; called for each record before it gets its id. */
  change?: (record: PhaseRecord) => PhaseRecord;
}

/** A record with its id, as the store reads it. */
export type MadeUpRecord = StoredRecord & { href: string };

/** Records of all phases of a plan with invented numbers, each phase once, before what rests on it. */
export function madeUpRecords(made: MadeUp = {}): MadeUpRecord[] {
  const { experiment = table17, profile = "ci", set = [], rows, seeds = [0], probes = [] } = made;
  const plan = planOf(experiment, { profile, set, rows, seeds, probes });
  const asked = { experiment: experiment.id, profile, set: plan.set };
  const byKey = new Map((made.there ?? []).map((one) => [one.record.key, one]));
  for (const run of plan.runs) {
    for (const phase of inOrder(run.phases)) {
      const key = phaseKey(phase);
      if (byKey.has(key)) continue;
      const startedFrom = phase.from ? byKey.get(phaseKey(phase.from.phase))!.id : null;
      const numbers = made.numbers?.(run.row, run.seed) ?? {};
      const record = (made.change ?? ((same) => same))(madeUpPhase(phase, { asked, startedFrom, ...numbers }));
      const id = recordId(record);
      byKey.set(key, { id, path: `results/${id}.json`, href: `results/${id}.json`, record });
    }
  }
  return [...byKey.values()].filter((one) => !made.there?.includes(one));
}

/** The record of the pre-training of LocalMIM, or of another run of Table 17. */
export function madeUpPretraining(row = "localmim", made: Omit<MadeUp, "rows"> = {}): PhaseRecord {
  return madeUpRecords({ ...made, rows: [row] })[0].record;
}

type Given = Pick<PhaseRecord, "asked" | "startedFrom"> & MadeUpNumbers;

function madeUpPhase(
  phase: Phase,
  { asked, startedFrom, top1 = 50, top5 = 80, seconds = 10, unfrozen = seconds }: Given,
): PhaseRecord {
  const { kind, data, config } = phase,
    { epochs: length = 0, batch = 1 } = config as { epochs?: number; batch?: number };
  const images = data.train ?? 1000, test = data.test ?? 1000;
  const iterations = Math.min(Math.max(1, Math.floor(images / batch)), MOST_ITERATIONS);
  const trained = kind === "pretrain" ? pretraining(phase, iterations, { seconds, unfrozen }) : {
    epochs: Array.from({ length }, (_, epoch): Epoch => ({
      epoch,
      iterations,
      losses: { loss: 1.5 },
      rates: [1e-3],
      seconds: { inputs: 1, step: 5, optimizer: 0.5 },
      wallSeconds: 7,
    })),
    events: [],
  };
  return {
    kind: "vitfreeze.record",
    schemaVersion: 2,
    key: phaseKey(phase),
    phase: plainPhase(phase),
    startedFrom,
    asked,
    hashes: {
      code: "c".repeat(64),
      ...(kind === "pretrain" && { method: "9".repeat(64) }),
      data: "d".repeat(64),
      lock: "e".repeat(64),
    },
    git: { commit: "1".repeat(40), clean: true },
    engine: { name: "compiled", backend: "onnxruntime", version: "1.30.0", threads: 2 },
    machine: { cpu: "Example CPU", cores: 2, os: "linux", arch: "x86_64", runtime: "deno 2.9.6" },
    dataset: { name: "images", classes: 10, train: images, test: kind === "pretrain" ? 0 : test, skipped: 0 },
    params: { pretrain: 6e6, finetune: 5.5e6, train: 5.5e6, linear: 490, knn: 0 }[kind],
    imagesPerIteration: batch,
    ...trained,
    metrics: kind === "pretrain" ? {} : { top1, top5, loss: 1.25 },
    weights: { [length]: sha256(phaseKey(phase)) },
    start: "2026-01-02T03:04:05Z",
    end: "2026-01-02T03:05:05.250Z",
  };
}

/** Epochs and events of a pre-training: rates and freezing are those of its schedule, losses and times invented. */
function pretraining(
  phase: Phase,
  iterations: number,
  { seconds, unfrozen }: Required<Pick<MadeUpNumbers, "seconds" | "unfrozen">>,
): Pick<PhaseRecord, "epochs" | "events"> {
  const config = pretrainConfigSchema.parse(phase.config), { method, config: model } = methodOf(config.method);
  const schedule = scheduleOf(config, method.encoder(model), iterations), names = method.stageLosses(model);
  const states = Array.from({ length: iterations * config.epochs }, (_, iteration) => freezeState(schedule, iteration));
  const events = states.flatMap((now, k) => k === 0 ? [] : stateEvents(states[k - 1], now, k));
  const epochs = Array.from({ length: config.epochs }, (_, epoch): Epoch => {
    const { layerLr, liveLayers, liveStages } = states[(epoch + 1) * iterations - 1];
    const parts = names.map((name, stage): [string, number | null] => [name, liveStages[stage] ? 0.125 : null]);
    return {
      epoch,
      iterations,
      losses: { loss: 0.125 * liveStages.filter(Boolean).length, ...Object.fromEntries(parts) },
      rates: layerLr,
      live: { layers: liveLayers, stages: liveStages },
      seconds: {
        targets: 0.5,
        step: (liveLayers.includes(false) ? seconds : unfrozen) - 1,
        optimizer: 0.5,
        compile: 0,
      },
      wallSeconds: seconds + 1,
    };
  });
  return { epochs, events };
}
