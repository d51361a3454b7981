import type { EncoderConfig } from "../core/models/config.ts";
import type { OptimizerConfig } from "../core/optim/createOptimizer.ts";

/** How long a model is pre-trained, on how much at a time, and how fast; freezing apart. */
export type PretrainSettings = {
  /** Length, warm-up included. */
  epochs: number;
  /** Epochs in which the learning rate rises from 0; need not be whole. */
  warmupEpochs: number;
  /** Images of a pass. */
  batch: number;
  /** Passes of an optimiser step; times `batch` are the images of the learning-rate rule. */
  accumulation: number;
  /** Learning rate per 256 images of a step. */
  baseLr: number;
  /** What the global cosine tends to. */
  minLr: number;
  /** AdamW's, of all weights but biases and norms. */
  weightDecay: number;
  /** AdamW's, of both moments. */
  betas: [number, number];
  /** AdamW's. */
  eps: number;
  /** Range of the area of a random crop, as a share of the image. */
  cropScale: [number, number];
  /** Crops of each image in an epoch, side by side in its order; 1 unless given. A batch counts every one as an image. */
  cropsPerImage?: number;
};

/** How layers freeze, as all runs of a table share it. */
export type Freezing = {
  /** Freezing time of layer 0 before the power, as a share of training, in (0, 1]; 1: nothing freezes. */
  t0: number;
  /** 1 for the linear schedule, 3 for the cubic one. */
  power: number;
  /** Time form: as released, or as the papers say; see `FreezeSchedule`. */
  form: "code" | "paper";
  /** What decoders follow: their block, or the global schedule. */
  decoders: "block" | "global";
  /** What the class token follows: layer 0, or the global schedule. */
  clsToken: "layer0" | "global";
  /**
   * "cut": no backward pass below the first live layer (the papers' text). "live": frozen blocks still pass gradients down to
   * the class token, as in the released code.
   */
  backward: "cut" | "live";
};

/** How layers freeze, and what that does to their learning rates. */
export type FreezeSettings = Freezing & {
  /** Whether layer i starts at the base rate over t_i. */
  scaled: boolean;
  /** Power of the stage-wise reduction SR-LR; off unless given. */
  srLr?: number;
  /** Power of the layer-wise reduction LR-LR; off unless given. */
  lrLr?: number;
};

/** Config of a `pretrain` phase. */
export type PretrainConfig = PretrainSettings & {
  /** The method's name and its own keys; see core/methods. */
  method: { name: string; [key: string]: unknown };
  /** Nothing freezes where it is null. */
  freeze: FreezeSettings | null;
};

/** How a classifier is fine-tuned. */
export type FinetuneSettings = {
  /** Length, warm-up included. */
  epochs: number;
  /** Epochs in which the learning rate rises from 0; need not be whole. */
  warmupEpochs: number;
  /** Images of a pass; even where images are mixed. */
  batch: number;
  /** Passes of an optimiser step. */
  accumulation: number;
  /** Peak learning rate of the head, absolute. */
  lr: number;
  /** What the cosine tends to. */
  minLr: number;
  /** Factor on the learning rate per layer away from the head. */
  layerDecay: number;
  /** AdamW's, of all weights but biases and norms. */
  weightDecay: number;
  /** AdamW's, of both moments. */
  betas: [number, number];
  /** AdamW's. */
  eps: number;
  /** Range of the area of a random crop, as a share of the image. */
  cropScale: [number, number];
  /** Drop-path rate of the last block; grows linearly from 0. */
  dropPath: number;
  /** Share of the target that goes to all classes alike. */
  labelSmoothing: number;
  /** Alpha of mixup; 0: none. */
  mixup: number;
  /** Alpha of CutMix; 0: none. */
  cutmix: number;
  /** Probability that an image has a rectangle erased. */
  randomErasing: number;
  /** Whether rand-m9-mstd0.5-inc1 is applied. */
  randAugment: boolean;
  /** Centre crop over resized side at evaluation: 224 / 256 = 0.875 on ImageNet, 1 for the whole image. */
  testCropRatio: number;
};

/** Config of a `finetune` phase; without a phase that it starts from, the classifier is trained from scratch. */
export type FinetuneConfig = FinetuneSettings & {
  /** Shape of the encoder. */
  model: EncoderConfig;
};

/** How a linear classifier is trained on frozen features. */
export type LinearSettings = {
  /** Length, warm-up included. */
  epochs: number;
  /** Epochs in which the learning rate rises from 0; need not be whole. */
  warmupEpochs: number;
  /** Images of a step. */
  batch: number;
  /** LARS as MAE, or SGD. */
  optimizer: "lars" | "sgd";
  /** Learning rate per 256 images. */
  baseLr: number;
  /** The optimiser's. */
  momentum: number;
  /** The optimiser's. */
  weightDecay: number;
  /** Mean over the patch tokens, or the class token; after a norm without gain and bias. */
  pool: "mean" | "cls";
  /** Centre crop over resized side: 0.875 on ImageNet, 1 for the whole image. */
  testCropRatio: number;
};

/** Config of a `linear` phase. */
export type LinearConfig = LinearSettings & {
  /** Shape of the encoder. */
  model: EncoderConfig;
};

/** How the nearest training images vote. */
export type KnnSettings = {
  /** Neighbours that vote. */
  k: number;
  /** A neighbour's vote is exp(cosine / temperature). */
  temperature: number;
  /** Mean over the patch tokens, or the class token; after a norm without gain and bias. */
  pool: "mean" | "cls";
  /** Centre crop over resized side: 0.875 on ImageNet, 1 for the whole image. */
  testCropRatio: number;
};

/** Config of a `knn` phase. */
export type KnnConfig = KnnSettings & {
  /** Shape of the encoder. */
  model: EncoderConfig;
};

/** Mean and deviation of a data set's pixels in [0, 1], by channel. */
export type Normalisation = {
  /** Of red, green and blue. */
  mean: [number, number, number];
  /** Of red, green and blue. */
  std: [number, number, number];
};

/** How a convolutional network is trained from scratch. */
export type TrainSettings = Normalisation & {
  /** Length. */
  epochs: number;
  /** Images of a pass. */
  batch: number;
  /** Passes of an optimiser step. */
  accumulation: number;
  /** SGD or AdamW, with what stays the same over a run. */
  optimizer: Extract<OptimizerConfig, { kind: "sgd" | "adamw" }>;
  /** Learning rate, absolute: alpha of FreezeOut's cosines. */
  lr: number;
  /** Of every parameter, norms and biases too. */
  weightDecay: number;
  /** Black pixels around an image before it is cut at random. */
  padding: number;
  /** Training images that are held out, and looked at after every epoch. */
  validation: number;
  /**
   * Iterations that the cosines and the freezing times take an epoch to have; null: those that it has. FreezeOut's code has
   * 1000 built in, whatever the data.
   */
  epochLength: number | null;
};

/** Config of a `train` phase. */
export type TrainConfig = TrainSettings & {
  /** The network; see core/models/convnet. How many classes it tells apart follows from the data. */
  net: { name: string; imageSize: number; [key: string]: unknown };
  /** How layers freeze; nothing does where it is null. */
  freeze: {
    /** Freezing time of layer 0 before the power, in (0, 1]. */
    t0: number;
    /** 1, 2, 3 for linear, squared, cubic. */
    power: number;
    /** Whether layer i starts at the rate over t_i. */
    scaled: boolean;
  } | null;
  /** False: iterations are not counted, so rates stay and nothing freezes, as FreezeOut's VGG was released. */
  counts?: boolean;
};
