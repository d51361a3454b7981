import { ci, cifar10, cifar10Full, type Profile } from "./vitProfiles.ts";

/** 500 labelled images of each of CIFAR-10's classes, or half of them. */
const LABELLED = { train: 5000 }, HALF = { train: 2500 };

/**
 * Pre-training sees all of CIFAR-10, fine-tuning and probes a tenth of its labels: where pre-training is worth something
 * (docs/EVIDENCE.md). About 2 hours a seed on 2 cores for Table 17.
 */
export const evidence: Profile = {
  ...cifar10Full,
  finetune: { ...cifar10.finetune, data: LABELLED, epochs: 20, warmupEpochs: 2 },
  linear: { ...cifar10.linear, data: LABELLED },
  knn: { ...cifar10.knn, data: LABELLED },
  controls: { scratchEpochs: 89, stopEpochs: 10 },
};

/**
 * For sweeps of a hundred runs: a narrower model, 2,000 images of each of CIFAR-10's classes for pre-training, 250 labelled
 * ones for fine-tuning and probes. Subsets are of 6, 4 and 2 classes.
 */
export const evidenceSmall: Profile = {
  ...evidence,
  data: { ...evidence.data, train: 20_000, test: 5000 },
  model: ci.model,
  pretrain: { ...evidence.pretrain, epochs: 5, warmupEpochs: 0.5 },
  finetune: { ...evidence.finetune, data: HALF, epochs: 10, warmupEpochs: 1 },
  linear: { ...evidence.linear, data: HALF },
  knn: { ...evidence.knn, data: HALF },
  controls: { scratchEpochs: 36, stopEpochs: 4 },
};
