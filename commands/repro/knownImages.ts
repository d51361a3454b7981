import { UserError } from "../../core/errors.ts";
import type { ImageDataset, ImageSplit } from "../../datasets/dataset.ts";
import type { DataConfig } from "../../records/phase.ts";
import { classChoice } from "../../training/openData.ts";

/** How many images a published data set has. */
interface Counts {
  name: string;
  train: number;
  test: number;
  classes: number;
}

const IMAGENET: Counts = { name: "ImageNet-1K", train: 1_281_167, test: 50_000, classes: 1000 };
const CIFAR10: Counts = { name: "CIFAR-10", train: 50_000, test: 10_000, classes: 10 };
const TINY: Counts = { name: "Tiny-ImageNet", train: 100_000, test: 10_000, classes: 200 };

/** The data set that the source "images" of a profile is, by the profile. */
const OF_PROFILE: Record<string, Counts> = {
  paper: IMAGENET,
  cifar10: CIFAR10,
  "cifar10-full": CIFAR10,
  evidence: CIFAR10,
  tinyimagenet: TINY,
};

/** Whether a profile says how many images a source has. */
export function isKnown(profile: string, source: string): boolean {
  return source === "images" && Object.hasOwn(OF_PROFILE, profile);
}

/**
 * The images of a phase by the counts that their publisher states, without one of them; of a subset of classes as many as so
 * many classes have on average, which is exact for CIFAR-10 and Tiny-ImageNet.
 *
 * @param profile one that is known
 * @throws {UserError} when more classes or images are asked for than there are
 */
export async function knownImages(profile: string, { classes, train, test = 0 }: DataConfig): Promise<ImageDataset> {
  const all = OF_PROFILE[profile], chosen = await classChoice(classes) ?? all.classes;
  const count = typeof chosen === "number" ? chosen : chosen.length;
  const part = (what: string, wanted: number | null, whole: number): ImageSplit => {
    const there = Math.round(whole * count / all.classes);
    if ((wanted ?? 0) <= there) return split(wanted ?? there);
    throw new UserError(`Cannot take ${wanted} ${what} images of ${all.name}: its ${count} classes have ${there}`);
  };
  if (count > all.classes) {
    throw new UserError(`Cannot take ${count} classes of ${all.name}: want a number from 1 to ${all.classes}`);
  }
  return {
    name: `${all.name} as published, not opened`,
    classes: Array.from({ length: count }, (_, k) => String(k)),
    train: part("training", train, all.train),
    test: part("test", test, all.test),
    sha256: "",
    skipped: 0,
  };
}

function split(length: number): ImageSplit {
  return {
    length,
    labels: new Int32Array(length),
    load: () => {
      throw new RangeError("Cannot load an image of a data set that was not opened");
    },
  };
}
