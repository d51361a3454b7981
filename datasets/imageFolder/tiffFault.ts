/** Tags of a TIFF directory, and bytes of an entry. */
const BITS = 258, PHOTOMETRIC = 262, SAMPLES = 277, FORMAT = 339, ENTRY = 12;
/** Values: the ink of CMYK, and kinds of samples. */
const SEPARATED = 5, UNSIGNED = 1, SIGNED = 2, FLOAT = 3;
/** Bytes of a value by its type: shorts, and longs. */
const SHORT = 3, LONG = 4;

/**
 * Why a TIFF's samples are not read: its first directory says what they are. The decoder would make black of floating-point
 * numbers and call many bands damaged.
 *
 * @returns undefined where there is no reason, or the directory cannot be read
 */
export function tiffFault(bytes: Uint8Array): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), little = bytes[0] === 0x49;
  try {
    const tags = directory(view, little), [samples = 1] = tags.get(SAMPLES) ?? [];
    const [photometric] = tags.get(PHOTOMETRIC) ?? [], most = photometric === SEPARATED ? 5 : 4;
    if (samples > most) return `it has ${samples} bands, want 1 to 4 (grey, RGB or CMYK, with or without transparency)`;
    const bits = Math.max(...tags.get(BITS) ?? [1]), [format = UNSIGNED] = tags.get(FORMAT) ?? [];
    const words = { [SIGNED]: "signed numbers", [FLOAT]: "floating-point numbers" }[format];
    if (format !== UNSIGNED && format !== 4) {
      return `its samples are ${bits}-bit ${words ?? "complex numbers"}, want 8 or 16 bits, unsigned`;
    }
    return bits > 16 ? `its samples are ${bits}-bit numbers, want 8 or 16 bits` : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined; // damaged: the decoder says so
    throw error;
  }
}

/** The values of the tags that are asked for. */
function directory(view: DataView, little: boolean): Map<number, number[]> {
  const start = view.getUint32(4, little), count = view.getUint16(start, little), tags = new Map<number, number[]>();
  for (let k = 0; k < count; k++) {
    const at = start + 2 + k * ENTRY, tag = view.getUint16(at, little), type = view.getUint16(at + 2, little);
    if (![BITS, PHOTOMETRIC, SAMPLES, FORMAT].includes(tag) || (type !== SHORT && type !== LONG)) continue;
    const values = Math.min(view.getUint32(at + 4, little), 16), size = type === SHORT ? 2 : 4;
    const from = values * size <= 4 ? at + 8 : view.getUint32(at + 8, little);
    const read = (i: number) =>
      size === 2 ? view.getUint16(from + i * 2, little) : view.getUint32(from + i * 4, little);
    tags.set(tag, Array.from({ length: values }, (_, i) => read(i)));
  }
  return tags;
}
