import type { RowKey, RunResult } from "../records/schema.ts";

/** What a made-up run may set. */
export interface MadeUp {
  row?: RowKey;
  seed?: number;
  profile?: string;
  top1?: number;
  top5?: number;
  /** Seconds of each of the two pre-training epochs: HOG 0.5, optimiser 0.5, the rest in the step. */
  seconds?: number;
  threads?: number;
  config?: Record<string, unknown>;
}

const freezing: Record<RowKey, Record<string, unknown>> = {
  localmim: { t0: 1, power: 3, scaled: false },
  vitfreeze: { t0: 0.8, power: 3, scaled: true },
  vitfreeze_unscaled: { t0: 0.8, power: 3, scaled: false },
  vitfreeze_srlr: { t0: 0.8, power: 3, scaled: true, srLr: 0.8 },
};

/** A result with invented numbers, for tests of the store and the report. */
export function madeUpRun(made: MadeUp = {}): RunResult {
  const { row = "localmim", seed = 0, profile = "tiny", top1 = 50, top5 = 80, seconds = 10, threads = 2 } = made;
  const config = { model: "vit_tiny", dataset: "images", schedule: freezing[row], seed, row, ...made.config };
  const pretrainEpoch = (epoch: number) => ({
    epoch,
    iterations: 50,
    lossPerStage: [0.3, null],
    loss: 0.3,
    layerLr: [0, 1e-3],
    liveLayers: [false, true],
    liveStages: [true, false],
    seconds: { hog: 0.5, step: seconds - 1, optimizer: 0.5, compile: 0 },
    wallSeconds: seconds + 1,
  });
  return {
    kind: "vitfreeze.run",
    schemaVersion: 1,
    experiment: "table17",
    profile,
    row,
    seed,
    config,
    hashes: { code: "c".repeat(64), data: "d".repeat(64), lock: "e".repeat(64) },
    engine: { name: "compiled", backend: "onnxruntime", version: "1.30.0", threads },
    machine: { cpu: "Example CPU", cores: 2, os: "linux", arch: "x86_64", runtime: "deno 2.9.6" },
    pretrain: { params: 6e6, iterations: 100, imagesPerIteration: 64, epochs: [pretrainEpoch(0), pretrainEpoch(1)] },
    finetune: {
      params: 5.5e6,
      iterations: 100,
      epochs: [{ epoch: 0, loss: 1.5, lr: 1e-3, seconds: { step: 5, optimizer: 0.5 }, wallSeconds: 6 }],
    },
    evaluation: { split: "val", images: 1000, top1, top5, loss: 1.25 },
    events: [{ iteration: 60, layer: 0, kind: "freeze" }, { iteration: 80, stage: 1, kind: "prune" }],
    weights: { pretrain: "a".repeat(64), finetune: "b".repeat(64) },
    start: "2026-01-02T03:04:05Z",
    end: "2026-01-02T03:05:05.250Z",
  };
}
