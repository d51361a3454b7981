import { dirname, join } from "node:path";
import { pack } from "tar-stream";
import type { CifarVersion, ImageFile } from "../datasets/cifar/versions.ts";

/** Files by path. */
export type Files = Record<string, Uint8Array>;

const text = new TextEncoder();

/** Byte `at` of image `index` of a file, as published: three planes; differs in every image and plane. */
export function pixel(file: string, index: number, at: number): number {
  return (index * 7 + at * 13 + (at >> 10) * 101 + file.length * 31 + file.charCodeAt(file.length - 5)) & 255;
}

/** The class of image `index`: every class comes in turn. */
export const labelOf = (version: CifarVersion, index: number) => (index * 3 + 1) % version.classes;

/** Names in the order of the labels, sorted as CIFAR's are. */
export const namesOf = (version: CifarVersion) =>
  Array.from({ length: version.classes }, (_, label) => `class_${String(label).padStart(2, "0")}`);

/** All files of a version with made-up images, under the published names. */
export function cifarFiles(version: CifarVersion, folder = `${version.folder}/`): Files {
  const { format, meta, train, test } = version, names = namesOf(version);
  const files: Files = {};
  files[folder + meta] = format.kind === "binary"
    ? text.encode(`${names.join("\n")}\n\n`)
    : pickle({ [format.namesKey]: names, num_vis: 3072 });
  for (const file of [...train, ...test]) {
    files[folder + file.name] = format.kind === "binary" ? binaryBatch(version, file, format.labelBytes) : pickle({
      batch_label: `${file.name} of 5`,
      [format.labelKey]: Array.from({ length: file.images }, (_, index) => labelOf(version, index)),
      data: planes(file),
    });
  }
  return files;
}

function planes({ name, images }: ImageFile): Uint8Array {
  return Uint8Array.from({ length: images * 3072 }, (_, i) => pixel(name, Math.floor(i / 3072), i % 3072));
}

function binaryBatch(version: CifarVersion, file: ImageFile, labelBytes: number): Uint8Array {
  const record = labelBytes + 3072, pixels = planes(file), bytes = new Uint8Array(file.images * record);
  for (let index = 0; index < file.images; index++) {
    bytes[index * record] = 17; // the coarse label of CIFAR-100, which nobody reads
    bytes[index * record + labelBytes - 1] = labelOf(version, index);
    bytes.set(pixels.subarray(index * 3072, (index + 1) * 3072), index * record + labelBytes);
  }
  return bytes;
}

/** One value of a fixture's pickle; a Uint8Array becomes a numpy array of shape [n, 3072]. */
export type Plain = number | string | Uint8Array | Plain[] | { [key: string]: Plain };

/** A pickle of protocol 2 as Python 2 and its numpy write it: byte strings, every value put into the memo. */
export function pickle(value: Plain): Uint8Array {
  const parts: (number[] | Uint8Array)[] = [[0x80, 2]];
  let memo = 0;
  const put = () => parts.push(memo < 256 ? [0x71, memo] : [0x72, ...u32(memo)]), next = () => (put(), memo++);
  const ascii = (words: string) => [...text.encode(words)];
  const number = (count: number) =>
    parts.push(count < 256 ? [0x4b, count] : count < 65536 ? [0x4d, count & 255, count >> 8] : [0x4a, ...u32(count)]);
  const bytes = (data: Uint8Array) => {
    parts.push(data.length < 256 ? [0x55, data.length] : [0x54, ...u32(data.length)], data);
    next();
  };
  const write = (item: Plain): void => {
    if (typeof item === "number") number(item);
    else if (typeof item === "string") bytes(text.encode(item));
    else if (item instanceof Uint8Array) array(item);
    else if (Array.isArray(item)) {
      parts.push(ascii("]"));
      next();
      for (let at = 0; at < item.length; at += 1000) { // the pickler writes a thousand at a time
        parts.push(ascii("("));
        item.slice(at, at + 1000).forEach(write);
        parts.push(ascii("e"));
      }
    } else {
      parts.push(ascii("}"));
      next();
      parts.push(ascii("("));
      for (const [key, inner] of Object.entries(item)) [key, inner].forEach(write);
      parts.push(ascii("u"));
    }
  };
  const array = (data: Uint8Array) => {
    parts.push(ascii("cnumpy.core.multiarray\n_reconstruct\n"));
    next();
    parts.push(ascii("cnumpy\nndarray\n"));
    next();
    parts.push([0x4b, 0, 0x85]); // (0,)
    next();
    write("b");
    parts.push([0x87]);
    next();
    parts.push(ascii("R"));
    next();
    parts.push(ascii("(K\x01"));
    number(data.length / 3072);
    number(3072);
    parts.push([0x86]);
    next();
    parts.push(ascii("cnumpy\ndtype\n"));
    next();
    write("u1");
    parts.push([0x4b, 0, 0x4b, 1, 0x87]);
    next();
    parts.push(ascii("R"));
    next();
    parts.push(ascii("(K\x03"));
    write("|");
    parts.push(ascii("NNN"), [0x4a, 255, 255, 255, 255, 0x4a, 255, 255, 255, 255, 0x4b, 0], ascii("t"));
    next();
    parts.push(ascii("b"), [0x89]);
    bytes(data);
    parts.push(ascii("t"));
    next();
    parts.push(ascii("b"));
  };
  write(value);
  parts.push(ascii("."));
  return joined(parts);
}

const u32 = (value: number) => [value & 255, value >> 8 & 255, value >> 16 & 255, value >>> 24];

/** Arrays of bytes, one behind the other. */
export function joined(parts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A tar archive of the files, with something before their names. */
export async function tarOf(files: Files, prefix = ""): Promise<Uint8Array<ArrayBuffer>> {
  const archive = pack(), chunks: Uint8Array[] = [];
  for (const [name, bytes] of Object.entries(files)) archive.entry({ name: prefix + name }, bytes);
  archive.finalize();
  for await (const chunk of archive as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return joined(chunks);
}

/** Writes files below a folder. */
export async function writeFiles(root: string, files: Files): Promise<string> {
  for (const [path, bytes] of Object.entries(files)) {
    await Deno.mkdir(dirname(join(root, path)), { recursive: true });
    await Deno.writeFile(join(root, path), bytes);
  }
  return root;
}
