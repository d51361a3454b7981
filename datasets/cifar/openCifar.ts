import { basename } from "node:path";
import { printable } from "../../core/printable.ts";
import type { ImageDataset, ImageSplit } from "../dataset.ts";
import { leftText } from "../imageFolder/leftText.ts";
import { type LabelledFile, select, type SelectionOptions } from "../imageFolder/selection.ts";
import { decodedImage } from "../sourceImage.ts";
import type { Batch } from "./batch.ts";
import type { FoundCifar } from "./findCifar.ts";
import { readCifar } from "./readCifar.ts";
import { type ImageFile, PIXEL_BYTES, SIDE } from "./versions.ts";

/**
 * Opens CIFAR as published. All of it is held in memory (184 MB) as it was read; nothing is cached. A label is the
 * published number of its class, and images keep the published order within their class.
 *
 * @param path as the user wrote it
 * @param options which images; `notice` is told in one line what lies beside and is not used
 * @throws {UserError} naming file and byte of whatever is missing or not as published, or on an impossible selection
 */
export async function openCifar(
  path: string,
  found: FoundCifar,
  { notice = console.error, ...options }: SelectionOptions & { notice?: (line: string) => void } = {},
): Promise<ImageDataset> {
  const { sha256, layout, batches, leftOut } = await readCifar(path, found), selection = select(layout, path, options);
  const left = leftOut.filter(({ reason }) => reason !== "published, but not read");
  if (left.length > 0) notice(printable(`${path}: not used: ${leftText(left)}`));
  return {
    name: basename(path),
    classes: selection.classes,
    sha256,
    skipped: 0,
    train: memorySplit(selection.train, batches, found.version.train),
    test: memorySplit(selection.test, batches, found.version.test),
  };
}

function memorySplit(
  images: readonly LabelledFile[],
  batches: ReadonlyMap<string, Batch>,
  files: readonly ImageFile[],
): ImageSplit {
  const place = new Map(files.map(({ name }, index) => [name, index]));
  const order = [...images.keys()].sort((a, b) =>
    place.get(images[a].path)! - place.get(images[b].path)! || images[a].offset - images[b].offset
  );
  const published = new Int32Array(images.length);
  order.forEach((image, rank) => published[image] = rank);
  return {
    length: images.length,
    published,
    labels: Int32Array.from(images, ({ label }) => label),
    load(index) {
      const { path, offset } = images[index], { bytes } = batches.get(path)!;
      return decodedImage(interleave(bytes.subarray(offset, offset + PIXEL_BYTES)), SIDE, SIDE);
    },
  };
}

/** Turns planes [3, 32, 32] into pixels [32, 32, 3]. */
function interleave(planes: Uint8Array): Uint8Array {
  const pixels = new Uint8Array(PIXEL_BYTES), plane = SIDE * SIDE;
  for (let i = 0; i < plane; i++) {
    pixels[3 * i] = planes[i];
    pixels[3 * i + 1] = planes[plane + i];
    pixels[3 * i + 2] = planes[2 * plane + i];
  }
  return pixels;
}
