import { z } from "zod";

const seconds = z.number().nonnegative();
const count = z.int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "want 64 hex digits of a SHA-256");
const percent = z.number().min(0).max(100);
const isoTime = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, "want an ISO 8601 time in UTC");

/** Bytes of gradients that each rank handed over in an epoch, where there were several ranks. */
const exchangedBytes = count.optional();

/** The four rows of Table 17 (thesis, 4.5.3). */
export const rowKeys = ["localmim", "vitfreeze", "vitfreeze_unscaled", "vitfreeze_srlr"] as const;

/** One pre-training epoch; times are in seconds, summed over the epoch's steps. */
const pretrainEpoch = z.strictObject({
  epoch: count,
  iterations: count,
  /** Mean loss of each stage's reconstruction; null once the stage's decoder is pruned. */
  lossPerStage: z.array(z.number().nullable()),
  loss: z.number(),
  /** Learning rate of each layer (patch embedding first) at the epoch's last step. */
  layerLr: z.array(z.number().nonnegative()),
  liveLayers: z.array(z.boolean()),
  liveStages: z.array(z.boolean()),
  /**
   * `compile`: making the step anew when a layer freezes; it is no part of a step. `exchange`: waiting for other ranks and
   * their gradients, where there are others.
   */
  seconds: z.strictObject({
    hog: seconds,
    step: seconds,
    optimizer: seconds,
    compile: seconds,
    exchange: seconds.optional(),
  }),
  wallSeconds: seconds,
  exchangedBytes,
});

const finetuneEpoch = z.strictObject({
  epoch: count,
  loss: z.number(),
  lr: z.number().nonnegative(),
  seconds: z.strictObject({ step: seconds, optimizer: seconds, exchange: seconds.optional() }),
  wallSeconds: seconds,
  exchangedBytes,
});

/** A layer that stopped training, or a stage whose decoder was removed, before the given step. */
const event = z.union([
  z.strictObject({ iteration: count, layer: count, kind: z.literal("freeze") }),
  z.strictObject({ iteration: count, stage: count, kind: z.literal("prune") }),
]);

/** Which processes worked on a run from a step on. */
export const ranksSpanSchema = z.strictObject({
  from: z.strictObject({ phase: z.enum(["pretrain", "finetune"]), iteration: count }),
  /** The MPI library; empty where there was one process. */
  library: z.string(),
  /** The machine of each rank. */
  hosts: z.array(z.string()).min(1),
  /** Threads of rank 0's engine. */
  threads: z.int().positive(),
  /** `--accum`, where it was given. */
  accum: z.int().positive().optional(),
});
export type RanksSpan = z.infer<typeof ranksSpanSchema>;

/** Changes when a result file of an earlier version can no longer be read. */
export const SCHEMA_VERSION = 1;

/** The record of one run: pre-training, fine-tuning and evaluation of one row with one seed. */
export const runResultSchema = z.strictObject({
  kind: z.literal("vitfreeze.run"),
  schemaVersion: z.literal(SCHEMA_VERSION),
  experiment: z.literal("table17"),
  profile: z.string().min(1),
  row: z.enum(rowKeys),
  seed: count,
  /** The resolved configuration, every default filled in; a JSON object of any shape. */
  config: z.record(z.string(), z.json()) as z.ZodType<Record<string, unknown>>,
  hashes: z.strictObject({ code: sha256, data: sha256, lock: sha256 }),
  engine: z.strictObject({
    name: z.enum(["compiled", "eager"]),
    backend: z.string(),
    version: z.string(),
    threads: z.int().positive(),
  }),
  machine: z.strictObject({
    cpu: z.string(),
    cores: z.int().positive(),
    os: z.string(),
    arch: z.string(),
    runtime: z.string(),
  }),
  /**
   * The processes that shared the run, from each start or resumption on; where there was never more than one, and no
   * `--accum`, it is not there.
   */
  ranks: z.array(ranksSpanSchema).min(1).optional(),
  /** `iterations` counts the steps of the whole phase, here and in `finetune`. */
  pretrain: z.strictObject({
    params: count,
    iterations: count,
    imagesPerIteration: count,
    epochs: z.array(pretrainEpoch).min(1),
  }),
  finetune: z.strictObject({ params: count, iterations: count, epochs: z.array(finetuneEpoch) }),
  evaluation: z.strictObject({ split: z.string(), images: count, top1: percent, top5: percent, loss: z.number() }),
  events: z.array(event),
  weights: z.strictObject({ pretrain: sha256, finetune: sha256 }),
  start: isoTime,
  end: isoTime,
});

/** The record of one run; seconds are wall-clock seconds, top1 and top5 are percent. */
export type RunResult = z.infer<typeof runResultSchema>;

/** A row of Table 17. */
export type RowKey = RunResult["row"];
