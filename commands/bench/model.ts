import { z } from "zod";

const seconds = z.number().positive();
const sampleSchema = z.strictObject({ median: z.number(), min: z.number(), max: z.number(), n: z.int().positive() });
const peerSampleSchema = sampleSchema.extend({ name: z.string() });

const entrySchema = z.strictObject({
  name: z.string(),
  unit: z.enum(["s", "images/s", "bytes", "%"]),
  ours: sampleSchema,
  /** Null where no peer was measured in the same run. */
  peer: peerSampleSchema.nullable(),
  /** How many times as good as the peer we are; above 1 is faster, or smaller for bytes. Null without a peer. */
  ratio: z.number().positive().nullable(),
});

const stateSchema = z.strictObject({
  /** Frozen layers, the patch embedding being the first. */
  frozen: z.int().nonnegative(),
  backward: z.enum(["cut", "live"]),
  /** Seconds of a step with HOG, and of the same step without it. */
  seconds: sampleSchema,
  secondsWithoutHog: sampleSchema,
  /** The unfrozen step, measured in turn with this state. */
  baseline: sampleSchema,
  baselineWithoutHog: sampleSchema,
  /** Seconds of a freeze event: recording, lowering and session of this state. */
  event: seconds,
});

const savingSchema = z.strictObject({
  backward: z.enum(["cut", "live"]),
  /** Percent of the unfrozen run's step time that the schedule saves. */
  withHog: z.number(),
  withoutHog: z.number(),
  /** Percent that the cost model of core/cost predicts, HOG included: of the time, and of the operations alone. */
  predicted: z.number(),
  predictedOperations: z.number(),
});

const freezeSchema = z.strictObject({
  states: z.array(stateSchema),
  savings: z.array(savingSchema),
  /** Percent: as printed, and from the author's logs. */
  published: z.number(),
  authors: z.number(),
});

const ranksSchema = z.strictObject({
  /** E.g. "Open MPI 4.1.4". */
  library: z.string(),
  /** Quotients of median step times; `whole` is `machine` times `exchange`. */
  efficiency: z.strictObject({
    /** One process that works alone, over one beside another that works too: what sharing the machine leaves. */
    machine: z.number().positive(),
    /** Processes that exchange nothing, over ranks that exchange gradients. */
    exchange: z.number().positive(),
    /** One process that works alone, over ranks. */
    whole: z.number().positive(),
    /** Ranks whose exchange is not overlapped, over ranks whose is. */
    overlap: z.number().positive(),
  }),
  states: z.array(z.strictObject({
    frozen: z.int().nonnegative(),
    /** Gradients that a rank hands over in a step. */
    bytes: z.int().positive(),
    /** Seconds of an all-reduce of as many bytes by itself; null where it was not measured. */
    allReduce: sampleSchema.nullable(),
  })),
  /** What the cost model of core/cost expects of nodes with the 2-core CPU that it knows. */
  predicted: z.array(z.strictObject({
    frozen: z.int().nonnegative(),
    nodes: z.int().positive(),
    gigabitsPerSecond: z.number().positive(),
    /** Seconds of a step, and of its exchange. */
    seconds,
    exchangeSeconds: seconds,
    efficiency: z.number().positive(),
  })),
});

/** The parts of the time of a step, in the order in which they come. */
export const VIEW_PARTS = ["load", "decode", "target", "masks", "encoder", "decoder", "optimiser"] as const;
/** A part of the time of a step. */
export type ViewPart = typeof VIEW_PARTS[number];

const viewsSchema = z.strictObject({
  profile: z.string(),
  /** Images, all of different files or repeated. */
  jpegs: z.array(z.strictObject({
    name: z.string(),
    files: z.int().positive(),
    /** Of a file, and pixels of an image, on average. */
    bytes: z.number().positive(),
    pixels: z.number().positive(),
  })),
  rows: z.array(z.strictObject({
    /** Which of `jpegs`, and what is predicted of them. */
    jpegs: z.string(),
    target: z.string(),
    /** Masked views of an image. */
    views: z.int().positive(),
    /** Of a step. */
    images: z.int().positive(),
    /** Seconds a view of each part of a step, and of the whole. */
    parts: z.strictObject(
      Object.fromEntries(VIEW_PARTS.map((part) => [part, sampleSchema])) as Record<ViewPart, typeof sampleSchema>,
    ),
    whole: sampleSchema,
    /** The time of a view where an image has one, over this row's, by rounds: of all, and with images already decoded. */
    faster: z.strictObject({ whole: sampleSchema, decoded: sampleSchema }),
  })),
});

const machineSchema = z.strictObject({
  cpu: z.string(),
  cores: z.int().positive(),
  memory: z.number(),
  os: z.string(),
  arch: z.string(),
  /** Mean number of programs that wanted a core in the minute before the start. */
  load: z.number().nonnegative(),
});

/** What one run of the benchmark measured, as its JSON file holds it. */
export const benchSchema = z.strictObject({
  kind: z.literal("vitfreeze.bench"),
  schemaVersion: z.literal(1),
  start: z.string(),
  command: z.string(),
  settings: z.strictObject({
    items: z.array(z.string()),
    quick: z.boolean(),
    threads: z.int().positive(),
    batch: z.int().positive(),
  }),
  machine: machineSchema,
  versions: z.record(z.string(), z.string()),
  /** Of the peer's process; null without one. */
  peer: z.strictObject({ torch: z.string(), threads: z.int(), gflops: z.number() }).nullable(),
  entries: z.array(entrySchema),
  freeze: freezeSchema.nullable(),
  /** Absent where nothing of several ranks was measured. */
  ranks: ranksSchema.optional(),
  /** Absent where no steps of several views were measured. */
  views: viewsSchema.optional(),
});

/** What one run of the benchmark measured. */
export type Bench = z.infer<typeof benchSchema>;
/** One measured thing, beside its peer. */
export type Entry = z.infer<typeof entrySchema>;
/** Median, least, most and number of repetitions. */
export type Sample = z.infer<typeof sampleSchema>;
/** Step times by number of frozen layers, and what the schedule saves. */
export type Freeze = z.infer<typeof freezeSchema>;
/** The step time of one state of the schedule. */
export type FreezeTime = z.infer<typeof stateSchema>;
/** Two ranks on this machine, and more of them as the cost model sees them. */
export type SeveralRanks = z.infer<typeof ranksSchema>;
/** Steps of one and of several views of an image, in parts. */
export type SeveralViews = z.infer<typeof viewsSchema>;
/** What one way of the backward pass saves. */
export type Saving = z.infer<typeof savingSchema>;
/** Whether the backward pass is cut at the first live layer. */
export type Backward = Saving["backward"];
