import { z } from "zod";

const positive = z.number().positive();
const count = z.int().min(1);
const share = z.number().min(0).max(1);
const cropScale = z.tuple([positive.max(1), positive.max(1)]);

/** How a model is pre-trained, freezing apart. */
export const pretrainConfigSchema = z.strictObject({
  epochs: count,
  warmupEpochs: z.number().min(0),
  /** Images per step; times `accumulation` is the batch of the learning-rate rule. */
  batch: count,
  /** Micro-batches per optimiser step. */
  accumulation: count,
  /** Learning rate per 256 images. */
  baseLr: positive,
  minLr: z.number().min(0),
  weightDecay: z.number().min(0),
  betas: z.tuple([share, share]),
  eps: positive,
  /** Range of the area of a random crop, as a share of the image. */
  cropScale,
});
export type PretrainConfig = z.infer<typeof pretrainConfigSchema>;

/** Freezing as all rows share it; what a row adds is in its own file. */
export const freezeConfigSchema = z.strictObject({
  t0: positive.max(1),
  power: positive,
  form: z.enum(["code", "paper"]),
  decoders: z.enum(["block", "global"]),
  clsToken: z.enum(["layer0", "global"]),
  /**
   * "cut": no backward pass below the first live layer (the papers' text). "live": frozen blocks still pass gradients down to
   * the class token, as in the released code.
   */
  backward: z.enum(["cut", "live"]),
  /** Power of SR-LR in the row that uses it. */
  srLrPower: positive,
});
export type FreezeConfig = z.infer<typeof freezeConfigSchema>;

/** How a pre-trained encoder is fine-tuned for classification. */
export const finetuneConfigSchema = z.strictObject({
  epochs: count,
  warmupEpochs: z.number().min(0),
  batch: count,
  accumulation: count,
  /** Peak learning rate of the head, absolute. */
  lr: positive,
  minLr: z.number().min(0),
  /** Factor on the learning rate per layer away from the head. */
  layerDecay: positive.max(1),
  weightDecay: z.number().min(0),
  betas: z.tuple([share, share]),
  eps: positive,
  cropScale,
  /** Drop-path rate of the last block; grows linearly from 0. */
  dropPath: share,
  labelSmoothing: share,
  mixup: z.number().min(0),
  cutmix: z.number().min(0),
  /** Probability that an image has a rectangle erased. */
  randomErasing: share,
  /** Whether rand-m9-mstd0.5-inc1 is applied. */
  randAugment: z.boolean(),
  /** Centre crop over resized side at evaluation: 224 / 256 = 0.875 on ImageNet, 1 for the whole image. */
  testCropRatio: positive.max(1),
});
export type FinetuneConfig = z.infer<typeof finetuneConfigSchema>;

/** Shape of the model; class count and image size come with the data. */
export const modelConfigSchema = z.strictObject({
  imageSize: count,
  patchSize: count,
  embedDim: count,
  depth: count,
  numHeads: count,
  mlpRatio: positive,
  maskRatio: share,
  stageBlocks: z.array(count),
  stageScales: z.array(positive),
  decoderDim: count,
  decoderHeads: count,
  hogBins: count,
});
