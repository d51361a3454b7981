import type { CifarSettings } from "./cifarSettings.ts";

/** Settings of a scale. */
type Profile = Omit<CifarSettings, "seed">;

/** Mean and deviation of the pixels as in FreezeOut's utils.py. */
const CIFAR10: Pick<Profile["train"], "mean" | "std"> = {
  mean: [0.49139968, 0.48215827, 0.44653124],
  std: [0.24703233, 0.24348505, 0.26158768],
};
const CIFAR100: typeof CIFAR10 = {
  mean: [0.50707519, 0.48654887, 0.44091785],
  std: [0.26733428, 0.25643846, 0.27615049],
};
/** Of ImageNet's pixels, of which Tiny-ImageNet's are. */
const IMAGENET: typeof CIFAR10 = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** Rates and decays of the thesis (4.3.1, 4.3.2 with Table 6, 4.3.5), its t0 (Table 4), and what its text says of time. */
const THESIS: Pick<Profile, "sgd" | "sgdStar" | "adamw" | "freeze" | "rates" | "length"> = {
  sgd: { lr: 0.1, weightDecay: 1e-4 },
  sgdStar: { lr: 1e-3, weightDecay: 1e-3 },
  adamw: { lr: 1e-3, weightDecay: 1e-3 },
  freeze: { t0: 0.8, power: 3 },
  rates: "printed",
  length: "true",
};

/** Seconds: to see that everything works. */
const ci: Profile = {
  data: { source: "procedural", classes: 4, train: 200, test: 64 },
  net: { name: "wrn", imageSize: 32, depth: 10, widen: 1 },
  train: { epochs: 5, batch: 16, accumulation: 1, padding: 4, validation: 40, ...IMAGENET },
  ...THESIS,
  releasedLength: 10 * 10 / 9,
};

/** CIFAR-10, 12,000 images to train on and 2,000 to look at after each epoch: about 6 minutes a run on one core. */
const twin: Profile = {
  data: { source: "images", classes: null, train: 14_000, test: null },
  net: { name: "wrn", imageSize: 32, depth: 16, widen: 1 },
  train: { epochs: 20, batch: 48, accumulation: 1, padding: 4, validation: 2000, ...CIFAR10 },
  ...THESIS,
  releasedLength: 250 * 10 / 9,
};

/** Tiny-ImageNet's first 100 classes at 32 pixels, CIFAR-100's stand-in: 96 images of a class to train on, 20 to look at. */
const twinTiny: Profile = {
  data: { source: "images", classes: null, train: 11_600, test: null },
  net: { name: "wrn", imageSize: 32, depth: 10, widen: 2 },
  train: { epochs: 20, batch: 48, accumulation: 1, padding: 4, validation: 2000, ...IMAGENET },
  ...THESIS,
  releasedLength: 200 * 10 / 9,
};

/** The thesis's runs as far as it tells of them: CIFAR-100, a WRN-40-4, 100 epochs of 900 iterations. */
const paper: Profile = {
  data: { source: "images", classes: null, train: null, test: null },
  net: { name: "wrn", imageSize: 32, depth: 40, widen: 4 },
  train: { epochs: 100, batch: 50, accumulation: 1, padding: 4, validation: 5000, ...CIFAR100 },
  ...THESIS,
  releasedLength: 1000,
};

/** The scales at which the tables of the chapter are run. */
export const CIFAR_PROFILES: Record<string, Profile> = { ci, twin, "twin-tiny": twinTiny, paper };
