import type { MaeConfig } from "../../core/methods/mae/config.ts";
import { VIT_PRESETS } from "../../core/models/config.ts";
import type { MimSettings } from "./mimSettings.ts";
import { ci as vitCi, paper as vitPaper } from "./vitProfiles.ts";

type Profile = Omit<MimSettings, "seed">;

/** One view of an image, three quarters of it masked; each patch's pixels at mean 0 and variance 1 (MAE, section 3). */
const SINGLE: Pick<MaeConfig, "maskRatio" | "pattern" | "views" | "viewRule" | "predRatio" | "visible" | "lrRule"> = {
  maskRatio: 0.75,
  pattern: "uniform",
  views: 1,
  viewRule: "independent",
  predRatio: 0.75,
  visible: null,
  lrRule: "unique",
};

/** Two views; uniform masks of 0.75 and cells of 0.6 (DMJD IV-A and IV-B-1), together all patches. */
const DISJOINT: MimSettings["disjoint"] = {
  views: 2,
  warmupEpochs: null,
  uniform: { maskRatio: 0.75, predRatio: 1 },
  cells: { maskRatio: 0.6, predRatio: 1 },
};

/** About a minute on 2 cores for Table 2: to see that everything works. Accuracy means nothing at this length. */
const ci: Profile = {
  data: vitCi.data,
  method: "mae",
  model: {
    imageSize: 64,
    patchSize: 8,
    embedDim: 48,
    depth: 4,
    numHeads: 3,
    mlpRatio: 4,
    ...SINGLE,
    target: "normPixels",
    decoderDim: 32,
    decoderDepth: 1,
    decoderHeads: 4,
  },
  pretrain: { ...vitCi.pretrain, epochs: 4, warmupEpochs: 0.5, batch: 32, cropScale: [0.5, 1] },
  disjoint: DISJOINT,
  teacher: null,
  lengths: { rates: 1, distillation: 1, seconds: 0.75 },
  finetune: vitCi.finetune,
  linear: vitCi.linear,
  knn: vitCi.knn,
};

/**
 * 120,000 views a run of Tiny-ImageNet-100, decoded as they come: 20 minutes on 2 cores for Table 2. With a fifth of the views
 * features are hardly better than those of random weights (`data.train=3000`). Linear probes tell more than fine-tuning here.
 */
const twin: Profile = {
  ...ci,
  data: { source: "images", classes: null, train: 15_000, test: 5000 },
  model: { ...ci.model, embedDim: 96, depth: 12, numHeads: 4, decoderDim: 48, decoderDepth: 2 },
  pretrain: { ...ci.pretrain, epochs: 8, warmupEpochs: 1, batch: 64, baseLr: 6e-3 },
  lengths: { ...ci.lengths, seconds: 7 / 8 },
  finetune: { ...vitCi.finetune, data: { train: 3000 }, epochs: 6, lr: 1.5e-3, cropScale: [0.5, 1] },
  linear: { ...vitCi.linear, data: { train: 10_000 }, batch: 256, epochs: 50, warmupEpochs: 5 },
  knn: { ...vitCi.knn, data: { train: 10_000 } },
};

/**
 * MAE on ViT-B/16 as published: 1,600 effective epochs of ImageNet-1K; DMJD's batch of 1,024 views, and for several views 20 epochs
 * of warm-up however many there are (DMJD IV-A). Crops are MAE's; the linear probe is DMJD's, but on whole images.
 */
const paper: Profile = {
  data: vitPaper.data,
  method: "mae",
  model: {
    imageSize: 224,
    ...VIT_PRESETS["vit-b16"],
    ...SINGLE,
    target: "normPixels",
    decoderDim: 512,
    decoderDepth: 8,
    decoderHeads: 16,
  },
  pretrain: {
    ...vitPaper.pretrain,
    epochs: 1600,
    warmupEpochs: 40,
    batch: 128,
    accumulation: 8,
    baseLr: 1.5e-4,
    minLr: 0,
    cropScale: [0.2, 1],
  },
  disjoint: { ...DISJOINT, warmupEpochs: 20 },
  teacher: null,
  // Equal seconds: 127 of 227 hours (Table II).
  lengths: { rates: 1 / 8, distillation: 1 / 16, seconds: 0.56 },
  finetune: { ...vitPaper.finetune, warmupEpochs: 5, lr: 2e-3, layerDecay: 0.65 },
  linear: { ...vitPaper.linear, batch: 4096 },
  knn: vitPaper.knn,
};

/** Scales of DMJD's tables on masked autoencoders. */
export const PROFILES = { ci, twin, paper };
