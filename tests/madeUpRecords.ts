import { methodOf } from "../core/methods/mod.ts";
import { sha256 } from "../core/sha256.ts";
import type { Experiment } from "../experiments/experiment.ts";
import { planOf } from "../experiments/plan.ts";
import type { ProbeKind } from "../experiments/probes.ts";
import { table17 } from "../experiments/thesis/table17.ts";
import { recordId } from "../records/identity.ts";
import { inOrder, type Phase, phaseKey, plainPhase } from "../records/phase.ts";
import type { Epoch, PhaseRecord } from "../records/schema.ts";
import type { StoredRecord } from "../records/store.ts";

/** Invented numbers of a run. */
export interface MadeUpNumbers {
  top1?: number;
  top5?: number;
  /** Seconds inside the steps of an epoch of pre-training: targets 0.5, optimiser 0.5, the rest in the step. */
  seconds?: number;
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
  /** What else is to be other; called for each record before it gets its id. */
  change?: (record: PhaseRecord) => PhaseRecord;
}

/** A record with its id, as the store reads it. */
export type MadeUpRecord = StoredRecord & { href: string };

/** Records of all phases of a plan with invented numbers, each phase once, before what rests on it. */
export function madeUpRecords(made: MadeUp = {}): MadeUpRecord[] {
  const { experiment = table17, profile = "ci", set = [], rows, seeds = [0], probes = [] } = made;
  const plan = planOf(experiment, { profile, set, rows, seeds, probes });
  const asked = { experiment: experiment.id, profile, set: plan.set }, byKey = new Map<string, MadeUpRecord>();
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
  return [...byKey.values()];
}

/** The record of the pre-training of LocalMIM, or of another run of Table 17. */
export function madeUpPretraining(row = "localmim", made: Omit<MadeUp, "rows"> = {}): PhaseRecord {
  return madeUpRecords({ ...made, rows: [row] })[0].record;
}

type Given = Pick<PhaseRecord, "asked" | "startedFrom"> & MadeUpNumbers;

function madeUpPhase(phase: Phase, { asked, startedFrom, top1 = 50, top5 = 80, seconds = 10 }: Given): PhaseRecord {
  const { epochs: length = 0, batch = 1 } = phase.config as { epochs?: number; batch?: number };
  const images = phase.data.train ?? 1000, iterations = Math.max(1, Math.floor(images / batch));
  const steps = iterations * length, freezes = (phase.config.freeze ?? null) !== null;
  const evaluated = phase.kind === "pretrain" ? {} : { top1, top5, loss: 1.25 };
  return {
    kind: "vitfreeze.record",
    schemaVersion: 2,
    key: phaseKey(phase),
    phase: plainPhase(phase),
    startedFrom,
    asked,
    hashes: {
      code: "c".repeat(64),
      ...(phase.kind === "pretrain" && { method: "9".repeat(64) }),
      data: "d".repeat(64),
      lock: "e".repeat(64),
    },
    git: { commit: "1".repeat(40), clean: true },
    engine: { name: "compiled", backend: "onnxruntime", version: "1.30.0", threads: 2 },
    machine: { cpu: "Example CPU", cores: 2, os: "linux", arch: "x86_64", runtime: "deno 2.9.6" },
    dataset: { name: "images", classes: 10, train: images, test: phase.data.test ?? 1000, skipped: 0 },
    params: phase.kind === "pretrain" ? 6e6 : 5.5e6,
    imagesPerIteration: batch,
    epochs: Array.from({ length }, (_, epoch) => madeUpEpoch(phase, epoch, { length, iterations, seconds })),
    events: freezes
      ? [
        { kind: "freeze", at: 0, iteration: Math.floor(0.6 * steps) },
        { kind: "prune", at: 0, iteration: Math.floor(0.8 * steps) },
      ]
      : [],
    metrics: evaluated,
    weights: { [length]: sha256(phaseKey(phase)) },
    start: "2026-01-02T03:04:05Z",
    end: "2026-01-02T03:05:05.250Z",
  };
}

interface Sizes {
  length: number;
  iterations: number;
  seconds: number;
}

function madeUpEpoch({ kind, config }: Phase, epoch: number, { length, iterations, seconds }: Sizes): Epoch {
  const common = { epoch, iterations, wallSeconds: seconds + 1 };
  if (kind !== "pretrain") {
    return { ...common, losses: { loss: 1.5 }, rates: [1e-3], seconds: { inputs: 1, step: 5, optimizer: 0.5 } };
  }
  const method = config.method as { name: string } & Record<string, unknown>, chosen = methodOf(method);
  const { layers } = chosen.method.encoder(chosen.config), names = chosen.method.stageLosses(chosen.config);
  const frozen = config.freeze !== null && epoch >= 0.6 * length,
    pruned = config.freeze !== null && epoch >= 0.8 * length;
  const parts = names.map((name, stage): [string, number | null] => [name, stage === 0 && pruned ? null : 0.1]);
  const loss = parts.reduce((sum, [, part]) => sum + (part ?? 0), 0);
  return {
    ...common,
    losses: { loss, ...Object.fromEntries(parts) },
    ...(config.freeze === null ? { rates: [1e-3] } : {
      rates: Array.from({ length: layers }, (_, layer) => layer === 0 && frozen ? 0 : 1e-3 * (layers - layer)),
      live: {
        layers: Array.from({ length: layers }, (_, layer) => !(layer === 0 && frozen)),
        stages: names.map((_, stage) => !(stage === 0 && pruned)),
      },
    }),
    seconds: { targets: 0.5, step: seconds - 1, optimizer: 0.5, compile: 0 },
  };
}
