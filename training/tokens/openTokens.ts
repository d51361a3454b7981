import { UserError } from "../../core/errors.ts";
import { gridSize, tokenCount, type VitConfig } from "../../core/models/config.ts";
import type { ImageSplit } from "../../datasets/dataset.ts";
import type { GivenTargets } from "../givenTargets.ts";
import { cropWords } from "./cropWords.ts";
import type { TokenFile } from "./tokenFile.ts";

/**
 * Makes sure that the words of a file fit a model.
 *
 * @param wanted what the method says of them
 * @throws {UserError} on another file, other patches, or a word beyond the vocabulary
 */
export function checkTokens(
  { file, sha256, patches, words }: TokenFile,
  vit: VitConfig,
  wanted: { sha256: string; vocabulary: number },
): void {
  const own = tokenCount(vit);
  if (patches !== own) {
    throw new UserError(`Cannot use the words ${file}: it has ${patches} of an image, want ${own}, one of each patch`);
  }
  const { vocabulary } = wanted, at = words.findIndex((word) => word >= vocabulary);
  if (at >= 0) {
    const place = `image ${Math.floor(at / patches)}, patch ${at % patches}`;
    throw new UserError(`Cannot use the words ${file}: it has ${words[at]} at ${place}, want 0 to ${vocabulary - 1}`);
  }
  if (sha256 !== wanted.sha256) {
    throw new UserError(`Cannot use the words ${file}: its SHA-256 is ${sha256}, want ${wanted.sha256}`);
  }
}

/**
 * Words of crops of the training images, out of those of the whole images.
 *
 * @throws {UserError} when the file is of other images, as far as their number and classes tell
 */
export function openTokens(
  { file, images, patches, words, labels }: TokenFile,
  vit: VitConfig,
  train: ImageSplit,
): GivenTargets {
  if (images !== train.length) {
    throw new UserError(`Cannot use the words ${file}: it has ${images} rows, want ${train.length}, a row an image`);
  }
  const other = labels?.findIndex((label, k) => label !== train.labels[k]) ?? -1;
  if (other >= 0) {
    const found = `row ${other} is of class ${labels![other]}`;
    throw new UserError(`Cannot use the words ${file}: ${found}, want ${train.labels[other]}, by class and then path`);
  }
  const grid = gridSize(vit);
  return {
    of: (crop) =>
      Promise.resolve(cropWords(words.subarray(crop.index * patches, (crop.index + 1) * patches), grid, crop)),
  };
}
