/** Luma of ITU-R BT.601 in 16-bit fixed point, rounded. */
function luma(pixels: Uint8Array, at: number): number {
  return (pixels[at] * 19595 + pixels[at + 1] * 38470 + pixels[at + 2] * 7471 + 0x8000) >> 16;
}

/**
 * Moves every byte from a degenerate image towards (factor < 1) or beyond (factor > 1) the given one:
 * degenerate + factor * (pixels - degenerate), in float32, cut to a byte.
 */
function blend(degenerate: (index: number) => number, pixels: Uint8Array, factor: number): Uint8Array {
  const out = new Uint8ClampedArray(pixels.length), f = Math.fround(factor);
  for (let i = 0; i < pixels.length; i++) {
    const from = degenerate(i);
    out[i] = Math.trunc(Math.fround(from + Math.fround(f * (pixels[i] - from))));
  }
  return new Uint8Array(out.buffer);
}

/** Colour saturation: 0 is grey, 1 unchanged. */
export function color(pixels: Uint8Array, factor: number): Uint8Array {
  return blend((i) => luma(pixels, i - i % 3), pixels, factor);
}

/** Contrast around the mean luma: 0 is flat grey, 1 unchanged. */
export function contrast(pixels: Uint8Array, factor: number): Uint8Array {
  let sum = 0;
  for (let i = 0; i < pixels.length; i += 3) sum += luma(pixels, i);
  const mean = Math.floor(sum / (pixels.length / 3) + 0.5);
  return blend(() => mean, pixels, factor);
}

/** Brightness: 0 is black, 1 unchanged. */
export function brightness(pixels: Uint8Array, factor: number): Uint8Array {
  return blend(() => 0, pixels, factor);
}

/** Sharpness: 0 is smoothed, 1 unchanged. */
export function sharpness(pixels: Uint8Array, factor: number, width: number): Uint8Array {
  const smoothed = smooth(pixels, width);
  return blend((i) => smoothed[i], pixels, factor);
}

/** 3x3 mean with weight 5 in the middle, rounded; the border is kept. */
function smooth(pixels: Uint8Array, width: number): Uint8Array {
  const out = pixels.slice(), row = width * 3;
  for (let start = row; start < pixels.length - row; start += row) {
    for (let i = start + 3; i < start + row - 3; i++) {
      let sum = 4 * pixels[i];
      for (let at = i - row; at <= i + row; at += row) sum += pixels[at - 3] + pixels[at] + pixels[at + 3];
      out[i] = Math.floor(sum / 13 + 0.5);
    }
  }
  return out;
}
