import type { LeftOut } from "../imageFolder/source.ts";

/** The splits of a data set. */
export type SplitName = "train" | "test";

/** One image that was looked at. */
export interface FoundImage {
  split: SplitName;
  /** Its class by name. */
  label: string;
  /** What a person finds it by: its path, or its batch and number. */
  name: string;
  /** SHA-256 (hex) of its file, or of its pixels where many images share a file; absent when it cannot be read. */
  sha256?: string;
  width: number;
  height: number;
  /** Why it cannot be used; absent when it can. */
  broken?: string;
}

/** A data set whose images can be looked at one by one. */
export interface Inspectable {
  kind: string;
  /** Class names with images or folders in either split, in the order of the labels. */
  classes: string[];
  /** How many images there are. */
  length: number;
  /** How many files they are read from, those of class names included where images share files. */
  files: number;
  /** Everything that is not among the images, each under its reason. */
  leftOut: LeftOut[];
  /** Images of test/ that no one has labelled, where val/ is the test split: the folder, and how many. */
  unlabelled: { folder: string; images: number } | null;
  /** Why a training run would refuse it as it is; null when it would not. */
  unusable: string | null;
  images(): AsyncIterable<FoundImage>;
  /** SHA-256 that identifies the data, as results record it; undefined when a file cannot be read. */
  identify(images: readonly FoundImage[]): Promise<string | undefined>;
}
