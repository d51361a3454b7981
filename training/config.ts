import { z } from "zod";
import { encoderSchema } from "../core/models/schema.ts";
import type { FinetuneConfig, KnnConfig, LinearConfig, PretrainConfig, TrainConfig } from "./settings.ts";
import { atLeast0, atLeast1, below1, positive, positiveShare, share, wholeAtLeast0 } from "../core/numbers.ts";

export type {
  FinetuneConfig,
  Freezing,
  KnnConfig,
  LinearConfig,
  Normalisation,
  PretrainConfig,
  TrainConfig,
} from "./settings.ts";

const betas = z.tuple([below1, below1], "two numbers, e.g. [0.9,0.95]");
const cropScale = z.tuple([positiveShare, positiveShare], "two numbers, e.g. [0.2,1]");

/** How long a model is pre-trained, on how much at a time, and how fast; freezing apart. */
export const pretrainingSchema = z.strictObject({
  epochs: atLeast1,
  warmupEpochs: atLeast0,
  /** Images per step; times `accumulation` is the batch of the learning-rate rule. */
  batch: atLeast1,
  /** Micro-batches per optimiser step. */
  accumulation: atLeast1,
  /** Learning rate per 256 images. */
  baseLr: positive,
  minLr: atLeast0,
  weightDecay: atLeast0,
  betas,
  eps: positive,
  /** Range of the area of a random crop, as a share of the image. */
  cropScale,
  /** Crops of each image in an epoch, side by side in its order; 1 unless given. */
  cropsPerImage: atLeast1.optional(),
});

/** How layers freeze, as all runs of a table share it. */
export const freezingSchema = z.strictObject({
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
});

/** Config of a `pretrain` phase. */
export const pretrainConfigSchema: z.ZodType<PretrainConfig> = pretrainingSchema.extend({
  /** The method's name and its own keys; see core/methods. */
  method: z.looseObject({ name: z.string() }),
  /** Nothing freezes where it is null. */
  freeze: freezingSchema.extend({
    scaled: z.boolean("true or false"),
    srLr: atLeast0.optional(),
    lrLr: atLeast0.optional(),
  }).nullable(),
});

/** How a classifier is fine-tuned. */
export const finetuningSchema = z.strictObject({
  epochs: atLeast1,
  warmupEpochs: atLeast0,
  batch: atLeast1,
  accumulation: atLeast1,
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

/** Config of a `finetune` phase; without a phase that it starts from, the classifier is trained from scratch. */
export const finetuneConfigSchema: z.ZodType<FinetuneConfig> = finetuningSchema.extend({ model: encoderSchema });

/** How a frozen encoder's features are taken. */
const features = {
  model: encoderSchema,
  /** Mean over the patch tokens, or the class token; after a norm without gain and bias. */
  pool: z.enum(["mean", "cls"], "mean or cls"),
  testCropRatio: positiveShare,
};

/** How a linear classifier is trained on frozen features. */
export const linearSchema = z.strictObject({
  epochs: atLeast1,
  warmupEpochs: atLeast0,
  batch: atLeast1,
  optimizer: z.enum(["lars", "sgd"], "lars or sgd"),
  /** Learning rate per 256 images. */
  baseLr: positive,
  momentum: below1,
  weightDecay: atLeast0,
  pool: features.pool,
  testCropRatio: features.testCropRatio,
});
/** Config of a `linear` phase. */
export const linearConfigSchema: z.ZodType<LinearConfig> = linearSchema.extend({ model: features.model });

/** How the nearest training images vote. */
export const knnSchema = z.strictObject({
  k: atLeast1,
  /** A neighbour's vote is exp(cosine / temperature). */
  temperature: positive,
  pool: features.pool,
  testCropRatio: features.testCropRatio,
});
/** Config of a `knn` phase. */
export const knnConfigSchema: z.ZodType<KnnConfig> = knnSchema.extend({ model: features.model });

const channels = z.tuple([positive, positive, positive], "three numbers, of red, green and blue");
const momentumSgd = z.strictObject({
  kind: z.literal("sgd"),
  momentum: below1,
  nesterov: z.boolean("true or false"),
});
const adamw = z.strictObject({ kind: z.literal("adamw"), betas, eps: positive });

/** How a convolutional network is trained from scratch. */
export const trainingSchema = z.strictObject({
  epochs: atLeast1,
  batch: atLeast1,
  accumulation: atLeast1,
  optimizer: z.discriminatedUnion("kind", [momentumSgd, adamw], "an optimizer of kind sgd or adamw"),
  /** Learning rate, absolute. */
  lr: positive,
  /** On every parameter, norms and biases too. */
  weightDecay: atLeast0,
  /** Black pixels around an image before it is cut at random. */
  padding: wholeAtLeast0,
  /** Of the pixels of the data set, in [0, 1]. */
  mean: channels,
  std: channels,
  /** Training images that are held out, and looked at after every epoch. */
  validation: wholeAtLeast0,
  /** Iterations that the cosines take an epoch to have; null: those that it has. */
  epochLength: positive.nullable(),
});
/** Config of a `train` phase. */
export const trainConfigSchema: z.ZodType<TrainConfig> = trainingSchema.extend({
  /** The family's name and its own keys but `numClasses`; see core/models/convnet. */
  net: z.looseObject({ name: z.string(), imageSize: atLeast1 }),
  /** Nothing freezes where it is null. */
  freeze: z.strictObject({ t0: positiveShare, power: positive, scaled: z.boolean("true or false") }).nullable(),
  counts: z.boolean("true or false").optional(),
});
