import { z } from "zod";

/** A number, and what it must be in the words that an error ends with: "want …". */
function number(wanted: string, accept: (value: number) => boolean) {
  return z.number(wanted).refine(accept, wanted);
}

const positive = number("a number above 0", (n) => n > 0);
const atLeast0 = number("a number of at least 0", (n) => n >= 0);
const count = number("a whole number of at least 1", (n) => Number.isInteger(n) && n >= 1);
const share = number("a number from 0 to 1", (n) => n >= 0 && n <= 1);
const positiveShare = number("a number above 0 and at most 1", (n) => n > 0 && n <= 1);
const below1 = number("a number of at least 0 and below 1", (n) => n >= 0 && n < 1);
const betas = z.tuple([below1, below1], "two numbers, e.g. [0.9,0.95]");
const cropScale = z.tuple([positiveShare, positiveShare], "two numbers, e.g. [0.2,1]");

/** How a model is pre-trained, freezing apart. */
export const pretrainConfigSchema = z.strictObject({
  epochs: count,
  warmupEpochs: atLeast0,
  /** Images per step; times `accumulation` is the batch of the learning-rate rule. */
  batch: count,
  /** Micro-batches per optimiser step. */
  accumulation: count,
  /** Learning rate per 256 images. */
  baseLr: positive,
  minLr: atLeast0,
  weightDecay: atLeast0,
  betas,
  eps: positive,
  /** Range of the area of a random crop, as a share of the image. */
  cropScale,
});
export type PretrainConfig = z.infer<typeof pretrainConfigSchema>;

/** Freezing as all rows share it; what a row adds is in its own file. */
export const freezeConfigSchema = z.strictObject({
  t0: positiveShare,
  power: positive,
  form: z.enum(["code", "paper"], "code or paper"),
  decoders: z.enum(["block", "global"], "block or global"),
  clsToken: z.enum(["layer0", "global"], "layer0 or global"),
  /**
   * "cut": no backward pass below the first live layer (the papers' text). "live": frozen blocks still pass gradients down to
   * the class token, as in the released code.
   */
  backward: z.enum(["cut", "live"], "cut or live"),
  /** Power of SR-LR in the row that uses it. */
  srLrPower: positive,
});
export type FreezeConfig = z.infer<typeof freezeConfigSchema>;

/** How a pre-trained encoder is fine-tuned for classification. */
export const finetuneConfigSchema = z.strictObject({
  epochs: count,
  warmupEpochs: atLeast0,
  batch: count,
  accumulation: count,
  /** Peak learning rate of the head, absolute. */
  lr: positive,
  minLr: atLeast0,
  /** Factor on the learning rate per layer away from the head. */
  layerDecay: positiveShare,
  weightDecay: atLeast0,
  betas,
  eps: positive,
  cropScale,
  /** Drop-path rate of the last block; grows linearly from 0. */
  dropPath: share,
  labelSmoothing: share,
  mixup: atLeast0,
  cutmix: atLeast0,
  /** Probability that an image has a rectangle erased. */
  randomErasing: share,
  /** Whether rand-m9-mstd0.5-inc1 is applied. */
  randAugment: z.boolean("true or false"),
  /** Centre crop over resized side at evaluation: 224 / 256 = 0.875 on ImageNet, 1 for the whole image. */
  testCropRatio: positiveShare,
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
  stageBlocks: z.array(count, "a list of blocks, e.g. [2,4,10,12]"),
  stageScales: z.array(number("4, 2, 1 or 0.5", (n) => [4, 2, 1, 0.5].includes(n)), "a list, e.g. [4,2,1,0.5]"),
  decoderDim: count,
  decoderHeads: count,
  hogBins: count,
});
