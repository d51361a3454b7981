/** Mean of ImageNet-1K's training pixels in [0, 1], per channel R, G, B. */
export const IMAGENET_MEAN = [0.485, 0.456, 0.406] as const;

/** Standard deviation of ImageNet-1K's training pixels in [0, 1], per channel R, G, B. */
export const IMAGENET_STD = [0.229, 0.224, 0.225] as const;

/**
 * Writes an image as normalised planar floats, (u8 / 255 - mean) / std, each step rounded to float32 as torchvision's
 * ToTensor and Normalize do.
 *
 * @param pixels RGB u8, HWC [H, W, 3]
 * @param out floats of a batch [B, 3, H, W]
 * @param offset where this image starts in `out`
 */
export function toPlanar(
  pixels: Uint8Array,
  out: Float32Array,
  offset: number,
  mean: readonly number[] = IMAGENET_MEAN,
  std: readonly number[] = IMAGENET_STD,
): void {
  const plane = pixels.length / 3, table = new Float32Array(256);
  for (let c = 0; c < 3; c++) {
    const centre = Math.fround(mean[c]), spread = Math.fround(std[c]);
    for (let v = 0; v < 256; v++) table[v] = Math.fround(Math.fround(v / 255) - centre) / spread;
    for (let i = 0, at = c, o = offset + c * plane; i < plane; i++, at += 3) out[o + i] = table[pixels[at]];
  }
}
