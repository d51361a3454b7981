import { UserError } from "../../core/errors.ts";
import { describe, PickleDict, type PickleValue, sequence } from "../../core/pickle/values.ts";
import { PickledArray, readCifarPickle, textOf } from "./pickle.ts";
import { type CifarVersion, type ImageFile, PIXEL_BYTES } from "./versions.ts";

/** The images of one file. */
export interface Batch {
  /** Class of every image. */
  labels: ArrayLike<number>;
  /** The bytes that hold the pixels: of image i those from `first + i * stride`, as planes [3, 32, 32]. */
  bytes: Uint8Array;
  first: number;
  stride: number;
}

/** Bytes that a pickle needs for an image's labels and file name, and for all else: more than any version takes. */
const PICKLED_IMAGE = 256, PICKLED_REST = 65536;

/**
 * The bytes that a file may have: from, to.
 *
 * @returns equal numbers where the format leaves no choice
 */
function sizeRange({ format }: CifarVersion, { images }: ImageFile): [number, number] {
  if (format.kind === "binary") {
    const bytes = images * (format.labelBytes + PIXEL_BYTES);
    return [bytes, bytes];
  }
  return [images * PIXEL_BYTES, images * (PIXEL_BYTES + PICKLED_IMAGE) + PICKLED_REST];
}

/**
 * Reads one file of images.
 *
 * @param name the file, for messages
 * @throws {UserError} when its size, structure or a label is not as published
 */
export function readBatch(version: CifarVersion, file: ImageFile, bytes: Uint8Array, name: string): Batch {
  checkSize(version, file, bytes.length, name);
  return version.format.kind === "binary"
    ? readBinary(file, bytes, version.format.labelBytes, version.classes, name)
    : readPython(file, bytes, version.format.labelKey, version.classes, name);
}

/** @throws {UserError} when a file cannot be whole, or holds more than it should */
export function checkSize(version: CifarVersion, file: ImageFile, size: number, name: string): void {
  const [least, most] = sizeRange(version, file);
  if (size >= least && size <= most) return;
  const wanted = least === most ? `${least}` : `${least} … ${most}`;
  throw new UserError(`Cannot read ${name}: ${size} bytes, want ${wanted} (${file.images} images)`);
}

function readBinary(
  { images }: ImageFile,
  bytes: Uint8Array,
  labelBytes: number,
  classes: number,
  name: string,
): Batch {
  const record = labelBytes + PIXEL_BYTES;
  const labels = Uint8Array.from({ length: images }, (_, index) => bytes[index * record + labelBytes - 1]);
  const wrong = labels.findIndex((label) => label >= classes);
  if (wrong >= 0) {
    const at = wrong * record + labelBytes - 1;
    throw new UserError(`Cannot read ${name}: label ${labels[wrong]} at byte ${at}, want 0 … ${classes - 1}`);
  }
  return { labels, bytes, first: labelBytes, stride: record };
}

function readPython({ images }: ImageFile, bytes: Uint8Array, key: string, classes: number, name: string): Batch {
  const batch = readDict(bytes, name), data = batch.get("data");
  const labels = numbers(batch.get(key));
  const shape = data instanceof PickledArray ? data.shape.join(" x ") : "none";
  if (!(data instanceof PickledArray) || shape !== `${images} x ${PIXEL_BYTES}`) {
    throw new UserError(`Cannot read ${name}: 'data' is an array of ${shape}, want ${images} x ${PIXEL_BYTES}`);
  }
  if (labels?.length !== images) {
    throw new UserError(`Cannot read ${name}: '${key}' has ${labels?.length ?? "no"} numbers, want ${images}`);
  }
  const wrong = labels.findIndex((label) => !(label >= 0 && label < classes && Number.isInteger(label)));
  if (wrong >= 0) {
    throw new UserError(`Cannot read ${name}: '${key}' of image ${wrong} is ${labels[wrong]}, want 0 … ${classes - 1}`);
  }
  return { labels, bytes: data.data, first: 0, stride: PIXEL_BYTES };
}

/**
 * Reads the class names of a version.
 *
 * @param name the file, for messages
 * @throws {UserError} when there are not as many as classes, or two are the same
 */
export function readClassNames({ format, classes }: CifarVersion, bytes: Uint8Array, name: string): string[] {
  const names = format.kind === "binary"
    ? new TextDecoder().decode(bytes).split("\n").map((line) => line.trim()).filter((line) => line !== "")
    : texts(readDict(bytes, name).get(format.namesKey)) ?? [];
  if (names.length !== classes || new Set(names).size !== classes) {
    throw new UserError(`Cannot read ${name}: ${new Set(names).size} different class names, want ${classes}`);
  }
  return names;
}

/** The entries of a pickled dict by the text of their keys. */
function readDict(bytes: Uint8Array, name: string): Map<string, PickleValue> {
  const dict = readCifarPickle(bytes, name);
  if (!(dict instanceof PickleDict)) {
    throw new UserError(`Cannot read ${name}: the pickle holds ${describe(dict)}, want a dict`);
  }
  return new Map([...dict.entries].map(([key, value]) => {
    const text = textOf(key);
    if (text === undefined) throw new UserError(`Cannot read ${name}: a key is ${describe(key)}, want a text`);
    return [text, value];
  }));
}

/** A list of numbers; undefined for anything else. */
function numbers(value: PickleValue | undefined): number[] | undefined {
  const items = sequence(value), found = items?.filter((item) => typeof item === "number");
  return found?.length === items?.length ? found : undefined;
}

/** A list of strings; undefined for anything else. */
function texts(value: PickleValue | undefined): string[] | undefined {
  const items = sequence(value), found = items?.map(textOf).filter((text) => text !== undefined);
  return found?.length === items?.length ? found : undefined;
}
