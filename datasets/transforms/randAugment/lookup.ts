/** Maps every byte of every channel through one table. */
export function applyTable(pixels: Uint8Array, table: (value: number) => number): Uint8Array {
  const bytes = Uint8ClampedArray.from({ length: 256 }, (_, value) => Math.trunc(table(value)));
  return pixels.map((value) => bytes[value]);
}

/** Maps each channel of RGB pixels through a table of its own, made from the channel's histogram. */
export function applyHistogramTable(
  pixels: Uint8Array,
  makeTable: (histogram: Uint32Array) => (value: number) => number,
): Uint8Array {
  const out = new Uint8Array(pixels.length);
  for (let c = 0; c < 3; c++) {
    const histogram = new Uint32Array(256);
    for (let i = c; i < pixels.length; i += 3) histogram[pixels[i]]++;
    const table = makeTable(histogram);
    const bytes = Uint8ClampedArray.from({ length: 256 }, (_, value) => Math.trunc(table(value)));
    for (let i = c; i < pixels.length; i += 3) out[i] = bytes[pixels[i]];
  }
  return out;
}
