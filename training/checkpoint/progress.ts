import { z } from "zod";
import { runResultSchema } from "../../records/schema.ts";

const { pretrain, finetune, events, weights } = runResultSchema.shape;
/** Epochs that are over; there may be none yet. */
const pretrainEpochs = z.array(pretrain.shape.epochs.element), finetuneEpochs = z.array(finetune.shape.epochs.element);
const seconds = z.record(z.string(), z.number().nonnegative());

/** What pre-training has recorded: whole epochs, events, and the sums of the epoch under way. */
export const pretrainProgressSchema = z.strictObject({
  epochs: pretrainEpochs,
  events,
  sums: z.strictObject({
    losses: z.array(z.number()),
    counts: z.array(z.int().nonnegative()),
    loss: z.number(),
    seconds,
    wall: z.number().nonnegative(),
    exchangedBytes: z.int().nonnegative().optional(),
  }),
});
export type PretrainProgress = z.infer<typeof pretrainProgressSchema>;

/** What remains of pre-training once it is over. */
export const pretrainedSchema = z.strictObject({
  epochs: pretrain.shape.epochs,
  events,
  weights: weights.shape.pretrain,
});
export type PretrainRecord = z.infer<typeof pretrainedSchema>;

/** What fine-tuning has recorded. */
export const finetuneProgressSchema = z.strictObject({
  epochs: finetuneEpochs,
  sums: z.strictObject({
    loss: z.number(),
    lr: z.number(),
    seconds,
    wall: z.number().nonnegative(),
    exchangedBytes: z.int().nonnegative().optional(),
  }),
});
export type FinetuneProgress = z.infer<typeof finetuneProgressSchema>;
