import { UserError } from "../../core/errors.ts";
import type { ImageSplit } from "../dataset.ts";
import { decodedImage } from "../sourceImage.ts";
import type { ImageRecord, Opened } from "./cache.ts";
import { decodeImage } from "./decode.ts";
import type { FileEntry, ImageSource } from "./source.ts";

const GIBIBYTE = 2 ** 30;

function labelsOf(records: readonly ImageRecord[]): Int32Array {
  return Int32Array.from(records, (record) => record.label);
}

/**
 * A split whose decoded images lie in memory, one behind the other.
 *
 * @param start where the first one starts in `pixels`
 * @returns the split and where its last image ends
 */
function memorySplit(
  records: readonly Required<ImageRecord>[],
  pixels: Uint8Array,
  start: number,
): { split: ImageSplit; end: number } {
  const offsets = new Float64Array(records.length + 1).fill(start);
  records.forEach(({ width, height }, i) => offsets[i + 1] = offsets[i] + width * height * 3);
  const load = (index: number) => {
    const { width, height } = records[index];
    return decodedImage(pixels.subarray(offsets[index], offsets[index + 1]), width, height);
  };
  return { split: { length: records.length, labels: labelsOf(records), load }, end: offsets[records.length] };
}

/** A split whose images are read and decoded when they are asked for. */
function streamedSplit(
  records: readonly ImageRecord[],
  read: (file: FileEntry) => Promise<Uint8Array>,
): ImageSplit {
  return {
    length: records.length,
    labels: labelsOf(records),
    async load(index) {
      const { pixels, width, height } = await decodeImage(await read(records[index]), records[index].path);
      return decodedImage(pixels, width, height);
    },
  };
}

/**
 * Makes the two splits of an opened data set.
 *
 * @throws {UserError} when the encoded images of a compressed archive do not fit the budget either
 */
export async function imageSplits(source: ImageSource, { train, test, pixels }: Opened, budgetBytes: number) {
  if (pixels) {
    const first = memorySplit(train as Required<ImageRecord>[], pixels, 0);
    return { train: first.split, test: memorySplit(test as Required<ImageRecord>[], pixels, first.end).split };
  }
  const read = source.readOne ?? await encodedInMemory(source, [...train, ...test], budgetBytes);
  return { train: streamedSplit(train, read), test: streamedSplit(test, read) };
}

/** Keeps the encoded files of a compressed archive in memory, because they cannot be reached one by one. */
async function encodedInMemory(source: ImageSource, files: readonly FileEntry[], budgetBytes: number) {
  const total = files.reduce((sum, { size }) => sum + size, 0);
  if (total > budgetBytes) {
    const found = `its ${(total / GIBIBYTE).toFixed(1)} GiB of images must be held in memory`;
    throw new UserError(`Cannot use ${source.path}: ${found}, want a folder, .tar or .zip, or a larger memory budget`);
  }
  const encoded = new Map<number, Uint8Array>(), order = [...files].sort((a, b) => a.offset - b.offset);
  let at = 0;
  for await (const bytes of source.readAll(order)) encoded.set(order[at++].offset, bytes);
  return (file: FileEntry) => Promise.resolve(encoded.get(file.offset)!);
}
