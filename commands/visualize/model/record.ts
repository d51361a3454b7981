import { z } from "zod";
import { readWhole, shortPath } from "../../../cli/files.ts";
import { UserError } from "../../../core/errors.ts";

/** What decides how pre-training saw its images. */
export interface PretrainFacts {
  epochs: number;
  /** Images of a micro-batch, and micro-batches of a step. */
  batch: number;
  accumulation: number;
  /** Range of the area of a random crop. */
  cropScale: [number, number];
}

/** What is known of the run that made a model. */
export interface RunRecord {
  seed: number;
  /** Images of the run's data that were in use; null: all. */
  train: number | null;
  test: number | null;
  /** SHA-256 of the data. */
  data: string;
  pretrain: PretrainFacts;
  /** When each pruned stage lost its decoder, in epochs, by index of the stage. */
  prunedAt: Record<number, number>;
}

const event = z.object({ kind: z.string(), stage: z.number().optional(), iteration: z.number() });
const pretrained = z.object({ epochs: z.array(z.object({ iterations: z.number() })), events: z.array(event) });
const images = z.number().nullable();
const pretrain = z.object({
  epochs: z.number(),
  batch: z.number(),
  accumulation: z.number(),
  cropScale: z.tuple([z.number(), z.number()]),
});

/** The JSON of a checkpoint, as far as it is of use here. */
const checkpoint = z.object({
  kind: z.literal("vitfreeze.checkpoint"),
  run: z.object({
    seed: z.number(),
    data: z.string(),
    config: z.object({ data: z.object({ train: images, test: images }), pretrain }),
  }),
  progress: z.union([pretrained, z.object({ pretrained }).transform((progress) => progress.pretrained)]),
}).transform(({ run: { seed, data, config }, progress }): RunRecord => ({
  seed,
  ...config.data,
  data,
  pretrain: config.pretrain,
  prunedAt: prunedEpochs(progress),
}));

/** The JSON of a finished run. */
const result = z.object({
  kind: z.literal("vitfreeze.run"),
  seed: z.number(),
  hashes: z.object({ data: z.string() }),
  config: z.object({ dataset: z.object({ train: z.number(), test: z.number() }), pretrain }),
  pretrain: z.object({ epochs: pretrained.shape.epochs }),
  events: pretrained.shape.events,
}).transform(({ seed, hashes, config, pretrain: { epochs }, events }): RunRecord => ({
  seed,
  ...config.dataset,
  data: hashes.data,
  pretrain: config.pretrain,
  prunedAt: prunedEpochs({ epochs, events }),
}));

function prunedEpochs({ epochs, events }: z.infer<typeof pretrained>): Record<number, number> {
  const pruned = events.filter(({ kind, stage }) => kind === "prune" && stage !== undefined);
  // Nothing is pruned before an epoch is over: warm-up comes first.
  const perEpoch = epochs[0]?.iterations ?? NaN;
  return Object.fromEntries(pruned.map(({ stage, iteration }) => [stage, iteration / perEpoch]));
}

/**
 * Reads what a checkpoint or a finished run says of itself.
 *
 * @throws {UserError} when the file is neither
 */
export async function readRecord(path: string): Promise<RunRecord> {
  const text = new TextDecoder().decode(await readWhole(path));
  try {
    return z.union([checkpoint, result]).parse(JSON.parse(text));
  } catch {
    throw new UserError(`Cannot use ${shortPath(path)}: it is no record of a run, want what the run has written`);
  }
}
