import { medianOfSorted } from "../../core/median.ts";
import { findCifar } from "../cifar/findCifar.ts";
import { openSource } from "../imageFolder/openSource.ts";
import { cifarImages } from "./cifarImages.ts";
import type { LeftReason } from "../imageFolder/source.ts";
import type { FoundImage, Inspectable } from "./found.ts";
import { imageFiles } from "./imageFiles.ts";

/** Smallest, middle and largest of some lengths in pixels. */
export interface Range {
  min: number;
  median: number;
  max: number;
}

/** What a data set holds. */
export interface Inspection {
  path: string;
  kind: string;
  /** As results record it; null when a file cannot be read. */
  sha256: string | null;
  train: number;
  test: number;
  /** Files that are read; with those left out all that there are. */
  files: number;
  classes: { name: string; train: number; test: number }[];
  /** Of the images that can be read; null when there is none. */
  width: Range | null;
  height: Range | null;
  broken: { file: string; reason: string }[];
  /** Images of the same content that are in both splits. */
  duplicates: { sha256: string; train: string[]; test: string[] }[];
  /** What is not among the images, by reason. */
  leftOut: { reason: LeftReason; files: string[] }[];
  /** Images of test/ that have no labels and are not used. */
  unlabelled: { folder: string; images: number } | null;
  /** Why a training run would refuse it, whatever its images are; null when it would not. */
  unusable: string | null;
}

/**
 * Reads and decodes every image of a data set and says what is there. Broken images are named, not fatal.
 *
 * @param show told how many images are done, and of how many
 * @throws {UserError} when there is no data set, or an archive or a CIFAR file is damaged as a whole
 */
export async function inspectDataset(path: string, show: (done: number, of: number) => void): Promise<Inspection> {
  const found = await open(path), images: FoundImage[] = [];
  for await (const image of found.images()) {
    images.push(image);
    show(images.length, found.length);
  }
  images.sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  const counts = new Map(found.classes.map((name) => [name, { name, train: 0, test: 0 }]));
  for (const { label, split } of images) counts.get(label)![split]++;
  const classes = [...counts.values()];
  const good = images.filter(({ broken }) => broken === undefined);
  return {
    path,
    kind: found.kind,
    sha256: await found.identify(images) ?? null,
    train: classes.reduce((sum, { train }) => sum + train, 0),
    test: classes.reduce((sum, { test }) => sum + test, 0),
    files: found.files,
    classes,
    width: rangeOf(good.map(({ width }) => width)),
    height: rangeOf(good.map(({ height }) => height)),
    broken: images.flatMap(({ name, broken }) => broken === undefined ? [] : [{ file: name, reason: broken }]),
    duplicates: duplicatesOf(images),
    leftOut: [...Map.groupBy(found.leftOut, ({ reason }) => reason)].map(([reason, own]) => ({
      reason,
      files: own.map(({ path }) => path),
    })),
    unlabelled: found.unlabelled,
    unusable: found.unusable,
  };
}

async function open(path: string): Promise<Inspectable> {
  const source = await openSource(path), cifar = await findCifar(path, source);
  return cifar ? await cifarImages(path, cifar) : await imageFiles(path, source, (await Deno.stat(path)).isDirectory);
}

function rangeOf(lengths: readonly number[]): Range | null {
  if (lengths.length === 0) return null;
  const sorted = Int32Array.from(lengths).sort();
  return { min: sorted[0], median: medianOfSorted(sorted), max: sorted[sorted.length - 1] };
}

/** Groups of the same content with images in both splits, in the order of their first image in train. */
function duplicatesOf(images: readonly FoundImage[]): Inspection["duplicates"] {
  const groups = new Map<string, { train: string[]; test: string[] }>();
  for (const { sha256, split, name } of images) {
    if (sha256 === undefined) continue;
    const group = groups.get(sha256) ?? { train: [], test: [] };
    group[split].push(name);
    groups.set(sha256, group);
  }
  return [...groups].filter(([, { train, test }]) => train.length > 0 && test.length > 0)
    .map(([sha256, group]) => ({ sha256, ...group }))
    .sort((a, b) => a.train[0] < b.train[0] ? -1 : 1);
}
