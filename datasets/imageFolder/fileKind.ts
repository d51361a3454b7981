const text = (words: string) => Array.from(words, (char) => char.charCodeAt(0));

/** Kinds of files that are taken for images or archives by their names, and the bytes that tell them. */
const KINDS: readonly { name: string; bytes: readonly number[]; at?: number }[] = [
  { name: "a tar archive", bytes: text("ustar"), at: 257 },
  { name: "a Git LFS pointer (git lfs pull fetches the file)", bytes: text("version https://git-lfs") },
  { name: "an HTML page", bytes: text("<!DOCTYPE html") },
  { name: "an HTML page", bytes: text("<!doctype html") },
  { name: "an HTML page", bytes: text("<html") },
  { name: "an SVG drawing", bytes: text("<svg") },
  { name: "an XML file", bytes: text("<?xml") },
  { name: "a PDF", bytes: text("%PDF-") },
  { name: "HEIC or AVIF", bytes: text("ftyp"), at: 4 },
  { name: "JPEG 2000", bytes: [0, 0, 0, 0x0c, 0x6a, 0x50] },
  { name: "JPEG XL", bytes: [0, 0, 0, 0x0c, 0x4a, 0x58] },
  { name: "JPEG XL", bytes: [0xff, 0x0a] },
  { name: "a Photoshop file", bytes: text("8BPS") },
  { name: "a bitmap of Netpbm (P1)", bytes: text("P1\n") },
  { name: "a bitmap of Netpbm (P4)", bytes: text("P4\n") },
  { name: "a PAM image", bytes: text("P7\n") },
  { name: "a floating-point PFM image", bytes: text("PF\n") },
  { name: "a floating-point PFM image", bytes: text("Pf\n") },
  { name: "a gzip file", bytes: [0x1f, 0x8b] },
  { name: "a zip archive", bytes: [0x50, 0x4b, 3, 4] },
  { name: "a bzip2 file", bytes: text("BZh") },
  { name: "an xz file", bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a] },
  { name: "a Zstandard file", bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { name: "a 7-Zip archive", bytes: [0x37, 0x7a, 0xbc, 0xaf] },
  { name: "a RAR archive", bytes: text("Rar!") },
];
/** Bytes of a file that tell its kind. */
export const KIND_BYTES = 262;

/** What a file is, by its first bytes, where that is known: "an HTML page", "a gzip file". */
export function kindOf(bytes: Uint8Array): string | undefined {
  return KINDS.find(({ bytes: wanted, at = 0 }) => wanted.every((value, i) => bytes[at + i] === value))?.name;
}
