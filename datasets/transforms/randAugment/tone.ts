import { applyHistogramTable, applyTable } from "./lookup.ts";

const same = (value: number) => value;

/** Stretches each channel so that its darkest value becomes 0 and its brightest 255. */
export function autoContrast(pixels: Uint8Array): Uint8Array {
  return applyHistogramTable(pixels, (histogram) => {
    const low = histogram.findIndex((count) => count > 0), high = histogram.findLastIndex((count) => count > 0);
    if (high <= low) return same;
    const scale = 255 / (high - low), offset = -low * scale;
    return (value) => value * scale + offset;
  });
}

/** Equalises each channel's histogram. */
export function equalize(pixels: Uint8Array): Uint8Array {
  return applyHistogramTable(pixels, (histogram) => {
    const last = histogram.findLast((count) => count > 0) ?? 0;
    const step = Math.floor((pixels.length / 3 - last) / 255);
    if (step === 0) return same;
    const below = new Uint32Array(256);
    for (let value = 1; value < 256; value++) below[value] = below[value - 1] + histogram[value - 1];
    return (value) => Math.floor((Math.floor(step / 2) + below[value]) / step);
  });
}

/** 255 minus every value. */
export function invert(pixels: Uint8Array): Uint8Array {
  return applyTable(pixels, (value) => 255 - value);
}

/** Keeps the highest `bits` bits of every value. */
export function posterize(pixels: Uint8Array, bits: number): Uint8Array {
  return bits >= 8 ? pixels : applyTable(pixels, (value) => value & ~(2 ** (8 - bits) - 1));
}

/** Inverts the values at or above a threshold. */
export function solarize(pixels: Uint8Array, threshold: number): Uint8Array {
  return applyTable(pixels, (value) => value < threshold ? value : 255 - value);
}

/** Adds to the values below 128. */
export function solarizeAdd(pixels: Uint8Array, amount: number): Uint8Array {
  return applyTable(pixels, (value) => value < 128 ? value + amount : value);
}
