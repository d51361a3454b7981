import { LOCALMIM_TARGETS, LOCALMIM_VIT_B, type LocalMimConfig } from "../../core/methods/localmim/config.ts";
import type { VitSettings } from "./vitSettings.ts";

/** ViTFreeze's default (thesis 3.4): t0 = 0.8 cubic; the time form that its runs used; the backward pass really cut. */
const FREEZE: VitSettings["freeze"] = {
  t0: 0.8,
  power: 3,
  form: "code",
  decoders: "block",
  clsToken: "layer0",
  backward: "cut",
  srLrPower: 0.8,
};

/** A ViT for 64-pixel images: 8 x 8 tokens, HOG cells of 2, 4, 8 and 16 pixels. */
const SMALL_MODEL: LocalMimConfig = {
  imageSize: 64,
  patchSize: 8,
  embedDim: 96,
  depth: 12,
  numHeads: 3,
  mlpRatio: 4,
  ...LOCALMIM_TARGETS,
  decoderDim: 64,
  decoderHeads: 4,
};

const ADAMW = { weightDecay: 0.05, eps: 1e-8 };
const SAME = { train: "same" } as const;

/** Settings of a scale. */
export type Profile = Omit<VitSettings, "seed">;

/** About a minute on 2 cores for Table 17: to see that everything works. Accuracy means nothing at this length. */
export const ci: Profile = {
  data: { source: "procedural", classes: null, train: 640, test: 240 },
  subsets: { in100: 12, in25: 6, in10: 4, in5: 2, lrFactor: 1 },
  method: "localmim",
  model: { ...SMALL_MODEL, embedDim: 48, decoderDim: 32 },
  pretrain: {
    epochs: 5,
    warmupEpochs: 0.5,
    batch: 32,
    accumulation: 1,
    baseLr: 1.2e-2,
    minLr: 1e-6,
    ...ADAMW,
    betas: [0.9, 0.95],
    cropScale: [0.2, 1],
  },
  freeze: FREEZE,
  finetune: {
    data: SAME,
    epochs: 2,
    warmupEpochs: 1,
    batch: 32,
    accumulation: 1,
    lr: 4e-3,
    minLr: 1e-6,
    layerDecay: 0.85,
    ...ADAMW,
    betas: [0.9, 0.999],
    cropScale: [0.7, 1],
    dropPath: 0,
    labelSmoothing: 0.1,
    mixup: 0,
    cutmix: 0,
    randomErasing: 0,
    randAugment: false,
    testCropRatio: 1,
  },
  linear: {
    data: SAME,
    epochs: 20,
    warmupEpochs: 2,
    batch: 64,
    optimizer: "sgd",
    baseLr: 0.4,
    momentum: 0.9,
    weightDecay: 0,
    pool: "mean",
    testCropRatio: 1,
  },
  knn: { data: SAME, k: 20, temperature: 0.07, pool: "mean", testCropRatio: 1 },
  controls: { scratchEpochs: 5, stopEpochs: 4 },
};

/** About 5 minutes on 2 cores for Table 17: LocalMIM should reach about 70 % top-1, far above a linear model's 31 %. */
export const laptop: Profile = {
  ...ci,
  data: { source: "procedural", classes: null, train: 1280, test: 1000 },
  pretrain: { ...ci.pretrain, epochs: 10, warmupEpochs: 1, batch: 64 },
  finetune: { ...ci.finetune, epochs: 8 },
  controls: { scratchEpochs: 14, stopEpochs: 8 },
};

/** About 25 minutes on 2 cores for Table 17: a class-balanced tenth of CIFAR-10, images resized from 32 to 64 pixels. */
export const cifar10: Profile = {
  data: { source: "images", classes: null, train: 5000, test: 2000 },
  subsets: { in100: 10, in25: 6, in10: 4, in5: 2, lrFactor: 1 },
  method: "localmim",
  model: SMALL_MODEL,
  pretrain: { ...ci.pretrain, epochs: 12, warmupEpochs: 1.2, batch: 64, baseLr: 6e-3 },
  freeze: FREEZE,
  finetune: {
    ...ci.finetune,
    epochs: 6,
    warmupEpochs: 1,
    lr: 1.5e-3,
    cropScale: [0.5, 1],
    dropPath: 0.1,
    mixup: 0.2,
    cutmix: 0.2,
    randomErasing: 0.1,
  },
  linear: { ...ci.linear, batch: 256, epochs: 50, warmupEpochs: 5 },
  knn: ci.knn,
  controls: { scratchEpochs: 13, stopEpochs: 10 },
};

/** The whole of CIFAR-10: about 4.5 hours on 2 cores for Table 17. */
export const cifar10Full: Profile = { ...cifar10, data: { ...cifar10.data, train: null, test: null } };

/** Tiny-ImageNet's 100 classes of the stand-in for IN-100, a fifth of their images: about 50 minutes on 2 cores for Table 17. */
export const tinyimagenet: Profile = {
  ...cifar10,
  data: { source: "images", classes: "tiny100", train: 10000, test: 5000 },
  subsets: { in100: "tiny100", in25: "tiny25", in10: "tiny10", in5: "tiny5", lrFactor: 1 },
};

/** The published recipe (thesis 4.4 and 4.5, paper 4.1 and 4.2; what they leave out from LocalMIM): ViT-B/16 on ImageNet-1K, 100 epochs of pre-training and of fine-tuning. */
export const paper: Profile = {
  data: { source: "images", classes: null, train: null, test: null },
  subsets: { in100: "in100", in25: "in25", in10: "in10", in5: "in5", lrFactor: 0.5 },
  method: "localmim",
  model: LOCALMIM_VIT_B,
  pretrain: {
    epochs: 100,
    warmupEpochs: 10,
    batch: 256,
    accumulation: 8,
    baseLr: 2e-4,
    minLr: 1e-6,
    ...ADAMW,
    betas: [0.9, 0.95],
    cropScale: [0.2, 1],
  },
  freeze: FREEZE,
  finetune: {
    data: SAME,
    epochs: 100,
    warmupEpochs: 20,
    batch: 128,
    accumulation: 8,
    lr: 4e-3,
    minLr: 1e-6,
    layerDecay: 0.75,
    ...ADAMW,
    betas: [0.9, 0.999],
    cropScale: [0.08, 1],
    dropPath: 0.1,
    labelSmoothing: 0.1,
    mixup: 0.8,
    cutmix: 1,
    randomErasing: 0.25,
    randAugment: true,
    testCropRatio: 0.875,
  },
  linear: {
    ...ci.linear,
    epochs: 90,
    warmupEpochs: 10,
    batch: 16384,
    optimizer: "lars",
    baseLr: 0.1,
    testCropRatio: 0.875,
  },
  knn: { ...ci.knn, testCropRatio: 0.875 },
  long: { pretrain: { warmupEpochs: 40 }, finetune: { lr: 2e-3, minLr: 1e-5, layerDecay: 0.65 } },
  controls: { scratchEpochs: 128, stopEpochs: 87 },
};
