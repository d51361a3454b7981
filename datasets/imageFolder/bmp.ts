import type { Decoded } from "./decoded.ts";
import { PixelFault } from "./pixelFault.ts";

/** Ways in which pixels are packed: as they are, or with masks that say where each colour's bits are. */
const PLAIN = 0, MASKED = 3, MASKED_WITH_ALPHA = 6;
/** Where the header ends that all BMP files have; the bytes of OS/2's own header and of the usual one. */
const FILE_HEADER = 14, OS2 = 12, USUAL = 40;
/** Bits of red, green and blue of 16 and 32 bits, where no masks are told. */
const MASKS: Readonly<Record<number, readonly number[]>> = {
  16: [0x7c00, 0x03e0, 0x001f],
  32: [0xff0000, 0x00ff00, 0x0000ff],
};

/** What the header of a BMP file says. */
interface Header {
  width: number;
  height: number;
  /** Whether the first row is the top one. */
  topDown: boolean;
  bits: number;
  masks: readonly number[];
  /** Blue, green, red and nothing, or without the nothing: [colours, 4 or 3]. */
  palette: Uint8Array;
  paletteStep: number;
  /** Where the pixels start. */
  start: number;
}

/**
 * Decodes a BMP file: 1, 4 and 8 bits with a palette, 16, 24 and 32 bits; transparency is dropped.
 *
 * @param most pixels that are decoded
 * @throws {PixelFault} when it is packed in another way, truncated or too large
 */
export function decodeBmp(bytes: Uint8Array, most: number): Decoded {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let header: Header;
  try {
    header = headerOf(view, bytes);
  } catch (error) {
    throw error instanceof RangeError ? new PixelFault(`truncated BMP at byte ${bytes.length}`) : error;
  }
  const { width, height, topDown, bits, start } = header, stride = Math.ceil(width * bits / 32) * 4;
  if (width * height > most) throw new PixelFault(`it has ${width} x ${height} pixels, want at most ${most}`);
  if (start + stride * height > bytes.length) throw new PixelFault(`truncated BMP at byte ${bytes.length}`);
  const pixels = new Uint8Array(width * height * 3), pixel = reader(view, header);
  for (let y = 0; y < height; y++) {
    const row = start + (topDown ? y : height - 1 - y) * stride;
    for (let x = 0; x < width; x++) pixels.set(pixel(row, x), (y * width + x) * 3);
  }
  return { pixels, width, height };
}

function headerOf(view: DataView, bytes: Uint8Array): Header {
  const start = view.getUint32(10, true), size = view.getUint32(FILE_HEADER, true), old = size === OS2;
  if (!old && size < USUAL) throw new PixelFault(`a BMP with a header of ${size} bytes`);
  const width = old ? view.getUint16(18, true) : view.getInt32(18, true);
  const signed = old ? view.getUint16(20, true) : view.getInt32(22, true), height = Math.abs(signed);
  const bits = view.getUint16(old ? 24 : 28, true), packing = old ? PLAIN : view.getUint32(30, true);
  if (width < 1 || height < 1) throw new PixelFault(`a BMP of ${width} x ${signed} pixels`);
  const masked = packing === MASKED || packing === MASKED_WITH_ALPHA;
  if (packing !== PLAIN && !masked) throw new PixelFault(`a BMP packed by method ${packing}, want an unpacked one`);
  if (![1, 4, 8, 16, 24, 32].includes(bits)) throw new PixelFault(`a BMP of ${bits} bits a pixel`);
  const masks = masked ? [0, 4, 8].map((at) => view.getUint32(FILE_HEADER + USUAL + at, true)) : MASKS[bits] ?? [];
  const paletteStart = FILE_HEADER + size + (masked && size === USUAL ? 12 : 0), paletteStep = old ? 3 : 4;
  const told = old ? 0 : view.getUint32(46, true), colours = bits > 8 ? 0 : told || 2 ** bits;
  const palette = bytes.subarray(paletteStart, Math.min(paletteStart + colours * paletteStep, start));
  return { width, height, topDown: signed < 0, bits, masks, palette, paletteStep, start };
}

/** Reads one pixel of a row as red, green, blue. */
function reader(view: DataView, { bits, masks, palette, paletteStep }: Header) {
  if (bits === 24) {
    return (row: number, x: number) => [2, 1, 0].map((colour) => view.getUint8(row + 3 * x + colour));
  }
  if (bits > 8) {
    const scales = masks.map((mask) => ({ mask, most: mask === 0 ? 1 : mask >>> lowest(mask), shift: lowest(mask) }));
    const read = bits === 16 ? (at: number) => view.getUint16(at, true) : (at: number) => view.getUint32(at, true);
    return (row: number, x: number) => {
      const value = read(row + x * bits / 8);
      return scales.map(({ mask, most, shift }) => Math.trunc(((value & mask) >>> shift) * 255 / most));
    };
  }
  return (row: number, x: number) => {
    const bit = x * bits, byte = view.getUint8(row + (bit >> 3));
    const index = byte >> (8 - bits - (bit & 7)) & (2 ** bits - 1), at = index * paletteStep;
    if (at + 2 >= palette.length) throw new PixelFault(`a BMP whose colour ${index} is not in its palette`);
    return [palette[at + 2], palette[at + 1], palette[at]];
  };
}

/** The number of the lowest bit that is set; 0 where none is. */
function lowest(mask: number): number {
  return mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
}
