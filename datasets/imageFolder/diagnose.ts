import { kindOf } from "./fileKind.ts";

/** An image format: the bytes a file starts with, and those it ends with where they are fixed. */
export interface Format {
  name: string;
  start: readonly number[];
  end?: readonly number[];
}

const FORMATS: readonly Format[] = [
  { name: "JPEG", start: [0xff, 0xd8], end: [0xff, 0xd9] },
  { name: "PNG", start: [0x89, 0x50, 0x4e, 0x47], end: [0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82] },
  { name: "GIF", start: [0x47, 0x49, 0x46, 0x38], end: [0x3b] },
  { name: "WebP", start: [0x52, 0x49, 0x46, 0x46] },
  { name: "TIFF", start: [0x49, 0x49, 0x2a, 0] },
  { name: "TIFF", start: [0x4d, 0x4d, 0, 0x2a] },
  { name: "BMP", start: [0x42, 0x4d] },
];

/** How a TIFF of over 4 GB starts, and some that are smaller. */
const BIG_TIFF = [[0x49, 0x49, 0x2b, 0], [0x4d, 0x4d, 0, 0x2b]];

/** The format that a file begins like; undefined for any other. */
export function formatOf(bytes: Uint8Array): Format | undefined {
  return FORMATS.find(({ start }) => start.every((value, i) => bytes[i] === value));
}

/**
 * Says why a file could not be decoded, from its bytes alone: the decoder's own words may belong to another image that
 * was in work at the same time.
 */
export function diagnose(bytes: Uint8Array): string {
  if (bytes.length === 0) return "empty file";
  const format = formatOf(bytes);
  if (BIG_TIFF.some((start) => start.every((value, i) => bytes[i] === value))) return "a BigTIFF, which is not read";
  if (!format) {
    const kind = kindOf(bytes);
    if (kind !== undefined) return `it is ${kind}`;
    const first = Array.from(bytes.subarray(0, 4), (value) => value.toString(16).padStart(2, "0"));
    return `unknown format (it starts with ${first.join(" ")})`;
  }
  const isWhole = format.end?.every((value, i, { length }) => bytes[bytes.length - length + i] === value) ?? true;
  return isWhole
    ? `damaged ${format.name} of ${bytes.length} bytes`
    : `truncated ${format.name} at byte ${bytes.length}`;
}
