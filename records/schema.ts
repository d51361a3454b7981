import { z } from "zod";
import { SHA256 } from "../core/sha256Text.ts";
import { PHASE_KINDS } from "./phase.ts";
import type { Epoch, PhaseRecord, RanksSpan } from "./record.ts";

export type { Epoch, Metrics, PhaseEvent, PhaseRecord, RanksSpan } from "./record.ts";

const seconds = z.number().nonnegative();
const count = z.int().nonnegative();
const sha256 = z.string().regex(SHA256, "want 64 hex digits of a SHA-256");
const isoTime = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, "want an ISO 8601 time in UTC");
/** Layers, stages, parts of a loss or of a time that a model may have. */
const MOST_PARTS = 1000;
/** Numbers by name, of at most so many parts. */
const parts = <T extends z.ZodType>(value: T) =>
  z.record(z.string(), value).refine(
    (found) => Object.keys(found).length <= MOST_PARTS,
    `want at most ${MOST_PARTS} names`,
  );
const json = z.record(z.string(), z.json()) as z.ZodType<Record<string, unknown>>;

const percent = z.number().min(0).max(100).optional();

/** What is measured at a phase's end or after an epoch: accuracies in percent, mean cross-entropy. */
const metrics = z.strictObject({ top1: percent, top5: percent, loss: z.number().optional() });

/** One epoch of a phase; times are in seconds, summed over the epoch's steps. */
export const epochSchema = z.strictObject({
  epoch: count,
  iterations: count,
  /** Means over the epoch's steps by name: `loss`, and the parts that it sums; null for a part that has ended. */
  losses: parts(z.number().nullable()),
  /** Learning rate of each layer (patch embedding first) at the epoch's last step; one number where all share it. */
  rates: z.array(z.number().nonnegative()).max(MOST_PARTS),
  /** What still trains at the epoch's last step, where layers may freeze. */
  live: z.strictObject({ layers: z.array(z.boolean()).max(MOST_PARTS), stages: z.array(z.boolean()).max(MOST_PARTS) })
    .optional(),
  /**
   * What the time went into: `targets`, `step`, `optimizer`, `exchange` (waiting for other ranks and their gradients) make a
   * step; `inputs` fills its inputs where that is not counted, `compile` makes the step anew when a layer freezes, `loading`
   * reads and crops its images where nothing is loaded ahead.
   */
  seconds: parts(seconds),
  wallSeconds: seconds,
  /** Seconds of the epoch's steps that one process took without a break: a tenth of them were shorter, half, nine tenths. */
  stepSpread: z.strictObject({ p10: seconds, p50: seconds, p90: seconds }).optional(),
  /** Processes that ran or waited for a core on the average of the epoch's last minute, this one among them. */
  load: z.number().nonnegative().optional(),
  /** Bytes of gradients that each rank handed over, where there were several ranks. */
  exchangedBytes: count.optional(),
  /** Measured after the epoch, where the phase does that. */
  metrics: metrics.optional(),
});

/** A layer that stopped training, or a stage whose decoder was removed, before the given step. */
export const eventSchema = z.strictObject({ kind: z.enum(["freeze", "prune"]), at: count, iteration: count });

/** Which processes worked on a phase from a step on. */
export const ranksSpanSchema = z.strictObject({
  from: count,
  /** The MPI library; empty where there was one process. */
  library: z.string(),
  /** The machine of each rank. */
  hosts: z.array(z.string()).min(1),
  /** Threads of rank 0's engine. */
  threads: z.int().positive(),
  /** `--accum`, where it was given. */
  accum: z.int().positive().optional(),
});

/** See `Phase` and `PlainPhase`. */
export const plainPhaseSchema = z.strictObject({
  kind: z.enum(PHASE_KINDS),
  seed: count,
  data: z.strictObject({
    source: z.string(),
    classes: z.union([z.string(), count]).nullable(),
    train: count.nullable(),
    test: count.nullable().optional(),
  }),
  config: json,
  from: z.strictObject({ key: sha256, epochs: z.int().positive().nullable() }).nullable(),
});

/** Changes when a record of an earlier version can no longer be read. */
export const SCHEMA_VERSION = 2;

/** What one phase has left: the content of a file of results/. It knows no table. */
export const phaseRecordSchema = z.strictObject({
  kind: z.literal("vitfreeze.record"),
  schemaVersion: z.literal(SCHEMA_VERSION),
  /** The phase's key; see `phaseKey`. */
  key: sha256,
  phase: plainPhaseSchema,
  /** The id of the record of the phase that it starts from. */
  startedFrom: sha256.nullable(),
  /** Who asked for it first; it may serve others as well. */
  asked: z.strictObject({ experiment: z.string().min(1), profile: z.string().min(1), set: z.array(z.string()) }),
  /** `code`: what all phases share; `method`: the folder of the pre-training's method, where there is one. */
  hashes: z.strictObject({ code: sha256, method: sha256.optional(), data: sha256, lock: sha256 }),
  /** The commit of the checkout, and whether its files were those of the commit; null outside of one. */
  git: z.strictObject({ commit: z.string().regex(/^[0-9a-f]{40,64}$/), clean: z.boolean() }).nullable(),
  engine: z.strictObject({
    name: z.enum(["compiled", "eager"]),
    backend: z.string(),
    version: z.string(),
    threads: z.int().positive(),
    adapter: z.string().min(1).optional(),
  }),
  machine: z.strictObject({
    cpu: z.string(),
    cores: z.int().positive(),
    os: z.string(),
    arch: z.string(),
    runtime: z.string(),
  }),
  /**
   * The processes that shared the phase, from each start or resumption on; where there was never more than one, and no
   * `--accum`, it is not there.
   */
  ranks: z.array(ranksSpanSchema).min(1).optional(),
  /** The images as they were found: classes, training and test images, unreadable ones that were left out. */
  dataset: z.strictObject({ name: z.string(), classes: count, train: count, test: count, skipped: count }),
  /** Numbers that the model trains. */
  params: count,
  /** Images of an optimiser step. */
  imagesPerIteration: count,
  epochs: z.array(epochSchema),
  /** Each layer freezes once, each stage is pruned once. */
  events: z.array(eventSchema).max(2 * MOST_PARTS),
  /** Measured at the end. */
  metrics,
  /** SHA-256 of the weights, by the number of epochs after which they were kept. */
  weights: z.record(z.string().regex(/^\d+$/), sha256),
  start: isoTime,
  end: isoTime,
});

/** Seconds of the steps of an epoch: targets, forward and backward pass, exchange between ranks, optimiser. */
export function stepSeconds({ targets = 0, step = 0, optimizer = 0, exchange = 0 }: Epoch["seconds"]): number {
  return targets + step + optimizer + exchange;
}

/** What matters of the processes that shared a phase: how many on each machine, not what the machines are called. */
export type RanksShape = Omit<RanksSpan, "hosts"> & { perHost: number[] };

/** The processes that shared a phase, without the names of machines; nothing where it was one process. */
export function ranksShape({ ranks }: Pick<PhaseRecord, "ranks">): RanksShape[] | undefined {
  return ranks?.map(({ hosts, ...rest }) => ({
    ...rest,
    perHost: [...Map.groupBy(hosts, (host) => host).values()].map(({ length }) => length).sort((a, b) => b - a),
  }));
}
