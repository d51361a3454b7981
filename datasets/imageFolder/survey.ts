import { UserError } from "../../core/errors.ts";
import { type Decoded, decodeImage } from "./decode.ts";
import { mapInOrder } from "./mapInOrder.ts";
import type { FileEntry, ImageSource } from "./source.ts";

/** Images in work at once: enough to keep every core busy while one result is awaited. */
const AHEAD = 4 * navigator.hardwareConcurrency;

/** After this many images their mean size tells whether all of them will fit the budget. */
const SAMPLE = 256;

/** What a first look at all images found. */
export interface Survey {
  /** Every image decoded (undefined where it is bad); absent when they do not fit the budget. */
  decoded?: (Decoded | undefined)[];
  /** Indices of unreadable images. */
  bad: Set<number>;
}

/**
 * Decodes all images, several at a time, and keeps them while they fit the budget. When they do not, the rest is decoded
 * only to find bad images, and only if those shall be skipped.
 *
 * @throws {UserError} naming the first unreadable image, unless bad ones shall be skipped
 */
export async function surveyImages(
  source: ImageSource,
  files: readonly FileEntry[],
  budgetBytes: number,
  skipBad: boolean,
): Promise<Survey> {
  const bad = new Set<number>();
  for (const [index, { path, broken }] of files.entries()) {
    if (broken === undefined) continue;
    if (!skipBad) throw new UserError(`Cannot read image ${path}: ${broken}, want an image, or --skip-bad`);
    bad.add(index);
  }
  const order = files.map((_, index) => index).filter((index) => !bad.has(index)).sort((a, b) =>
    files[a].offset - files[b].offset || a - b
  );
  const decode = async (bytes: Uint8Array, position: number) => {
    try {
      return await decodeImage(bytes, files[order[position]].path);
    } catch (error) {
      if (skipBad && error instanceof UserError) return undefined;
      throw error;
    }
  };
  let decoded: Survey["decoded"] = new Array(files.length).fill(undefined), done = 0, total = 0;
  for await (const image of mapInOrder(source.readAll(order.map((index) => files[index])), AHEAD, decode)) {
    const index = order[done++];
    if (image === undefined) bad.add(index);
    total += image?.pixels.length ?? 0;
    const expected = done < SAMPLE ? total : total / done * files.length;
    if (expected > budgetBytes) decoded = undefined;
    if (decoded) decoded[index] = image;
    else if (!skipBad) break;
  }
  return { decoded, bad };
}
