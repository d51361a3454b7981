import { counted } from "../../core/counted.ts";
import { UserError } from "../../core/errors.ts";
import { randomStream } from "../../core/random/stream.ts";
import { chooseClasses, type ClassChoice } from "../classes/chooseClasses.ts";
import type { Layout } from "./layout.ts";
import type { ClassFiles, FileEntry } from "./source.ts";

/** Which part of a data set to take. */
export interface SelectionOptions {
  /**
   * Classes to take: names (e.g. WordNet ids), or a number, the first ones in sorted order; all when absent. Labels follow
   * sorted order, not this order.
   */
  classes?: ClassChoice;
  /** Take this many training images, as many of each class as there are, give or take one. */
  maxTrain?: number;
  /** The same for test images; 0: none. */
  maxTest?: number;
  /** Decides which images `maxTrain` and `maxTest` take; the same seed with a larger number takes the same and more. */
  seed?: number;
}

/** An image with its label. */
export interface LabelledFile extends FileEntry {
  label: number;
}

/** The images in use, by class and then path. */
export interface Selection {
  classes: string[];
  train: LabelledFile[];
  test: LabelledFile[];
}

/**
 * Chooses classes and images.
 *
 * @param where the path, for messages
 * @throws {UserError} on an unknown or empty class, a class that is in one split only, or more images than there are
 */
export function select(layout: Layout, where: string, options: SelectionOptions): Selection {
  const classes = usableClasses(layout, where, options.classes);
  const seed = options.seed ?? 0;
  const take = (files: ClassFiles, split: 0 | 1, count: number | undefined) =>
    balancedSubset(classes.map((name) => files.get(name)!), seed, split, count, where);
  return {
    classes,
    train: take(layout.train, 0, options.maxTrain),
    test: layout.test ? take(layout.test, 1, options.maxTest) : [],
  };
}

/** Names that look the same and are of other bytes: accents as characters of their own, as macOS writes them, or not. */
function alike(name: string, classes: ClassFiles): string {
  const other = [...classes.keys()].find((found) => found !== name && found.normalize("NFC") === name.normalize("NFC"));
  if (other === undefined) return "";
  const spelled = (text: string) =>
    Array.from(text, (char) => char > "~" ? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}` : char).join("");
  return `, where one of the same look is written with other characters (${spelled(name)} and ${spelled(other)})`;
}

function usableClasses({ train, test }: Layout, where: string, wanted: ClassChoice | undefined): string[] {
  const classes = chooseClasses([...train.keys()], wanted, where);
  const least = test ? 2 : 1; // without a test split the labels may be without meaning
  if (classes.length < least) {
    throw new UserError(
      `Cannot use ${where}: found ${counted(classes.length, "class", "classes")}, want at least ${least}`,
    );
  }
  if (test) {
    const extra = wanted !== undefined ? undefined : [...test.keys()].find((name) => !train.has(name));
    if (extra) {
      throw new UserError(
        `Cannot use ${where}: class ${extra} is in the test split but not in train/${alike(extra, train)}`,
      );
    }
    const missing = classes.find((name) => !test.has(name));
    if (missing) {
      throw new UserError(
        `Cannot use ${where}: class ${missing} is in train/ but not in the test split${alike(missing, test)}`,
      );
    }
  }
  for (const [split, files] of [["train", train], ["test", test]] as const) {
    const empty = files && classes.find((name) => files.get(name)!.length === 0);
    if (empty) {
      throw new UserError(`Cannot use ${where}: class ${empty} has no images in the ${split} split, want some`);
    }
  }
  return classes;
}

/**
 * Takes the first `count` images when the classes, each in random order, are dealt out in turn; 0 takes none.
 *
 * The order of a class comes from the stream (seed, "subset", split, label).
 */
function balancedSubset(
  files: readonly FileEntry[][],
  seed: number,
  split: 0 | 1,
  count: number | undefined,
  where: string,
): LabelledFile[] {
  const total = files.reduce((sum, list) => sum + list.length, 0), splitName = split === 0 ? "training" : "test";
  if (count === 0) return [];
  if (count !== undefined && (count < files.length || count > total)) {
    const wanted = `want ${files.length} (the classes) … ${total} (the images)`;
    throw new UserError(`Cannot take ${count} ${splitName} images of ${where}: ${wanted}`);
  }
  const shares = classShares(files.map((list) => list.length), count ?? total);
  return files.flatMap((list, label) => {
    if (shares[label] === list.length) return list.map((file) => ({ ...file, label }));
    const chosen = randomStream(seed, "subset", split, label).permutation(list.length).slice(0, shares[label]).sort();
    return Array.from(chosen, (index) => ({ ...list[index], label }));
  });
}

/** How many images each class gives when they are dealt out one by one, in turn, until `count` are there. */
function classShares(sizes: readonly number[], count: number): number[] {
  const shares = sizes.map(() => 0);
  let left = count;
  while (left > 0) {
    const open = sizes.map((_, i) => i).filter((i) => shares[i] < sizes[i]);
    const room = open.reduce((least, i) => Math.min(least, sizes[i] - shares[i]), Infinity);
    const each = Math.min(Math.floor(left / open.length), room);
    if (each === 0) {
      for (const i of open.slice(0, left)) shares[i]++;
      return shares;
    }
    for (const i of open) shares[i] += each;
    left -= each * open.length;
  }
  return shares;
}
