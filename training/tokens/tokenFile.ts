import { readWhole, shortPath } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { readSafetensors } from "../../core/safetensors/read.ts";
import { shapeText, type TensorData } from "../../core/safetensors/tensor.ts";
import { sha256 } from "../../core/sha256.ts";

/** Words of the patches of images, as somebody's tokenizer tells them. */
export interface TokenFile {
  /** As it is shown. */
  file: string;
  /** SHA-256 of the file, in hexadecimal. */
  sha256: string;
  images: number;
  /** Patches of an image. */
  patches: number;
  /** Row by row of the image, [images, patches]. */
  words: Int32Array;
  /** The class of every image where the file has it, an index into the sorted names. [images] */
  labels?: Int32Array;
}

const WORDS = "tokens", LABELS = "labels";
/** Words as floats are exact up to here. */
const MOST = 2 ** 24;

/**
 * Reads a file of words: safetensors with whole numbers `tokens` [images, patches], and `labels` [images] to be compared with those
 * of the data.
 *
 * @throws {UserError} when it cannot be read or holds something else
 */
export async function readTokens(path: string): Promise<TokenFile> {
  const file = shortPath(path), bytes = await readWhole(path), { tensors } = readSafetensors(bytes, file);
  const found = tensors.get(WORDS), labels = tensors.get(LABELS);
  if (!found) {
    const names = [...tensors.keys()].slice(0, 3).join(", ");
    throw new UserError(`Cannot use ${file}: found ${names || "no tensor"}, want '${WORDS}' [images, patches]`);
  }
  if (found.shape.length !== 2) {
    throw new UserError(`Cannot use ${file}: '${WORDS}' is ${shapeText(found.shape)}, want [images, patches]`);
  }
  const [images, patches] = found.shape, words = wholeNumbers(found.data, `${file}: '${WORDS}'`);
  if (!labels) return { file, sha256: sha256(bytes), images, patches, words };
  if (shapeText(labels.shape) !== shapeText([images])) {
    throw new UserError(`Cannot use ${file}: '${LABELS}' is ${shapeText(labels.shape)}, want ${shapeText([images])}`);
  }
  const classes = wholeNumbers(labels.data, `${file}: '${LABELS}'`);
  return { file, sha256: sha256(bytes), images, patches, words, labels: classes };
}

function wholeNumbers(data: TensorData, where: string): Int32Array {
  if (data instanceof Float32Array || data instanceof Float64Array) {
    throw new UserError(`Cannot use ${where} has floating-point numbers, want whole ones`);
  }
  const odd = data.findIndex((value: number | bigint) => value < 0 || value >= MOST);
  if (odd >= 0) throw new UserError(`Cannot use ${where} has ${data[odd]} at ${odd}, want 0 to ${MOST - 1}`);
  return data instanceof Int32Array ? data : Int32Array.from(data as ArrayLike<number | bigint>, Number);
}
