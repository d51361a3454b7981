import type { Random } from "../../core/random/stream.ts";

/** Settings of random erasing; the defaults are timm's. */
export interface RandomErasingOptions {
  /** Probability that an image has a rectangle erased. */
  prob: number;
  /** Range of the erased share of the image area. */
  area?: readonly [number, number];
  /** Range of height / width of the erased rectangle. */
  aspect?: readonly [number, number];
}

/**
 * Random erasing (Zhong et al. 2020) with per-pixel noise: with probability `prob`, one rectangle of a normalised image
 * is filled with standard normal noise, in place. Area uniform, aspect log-uniform, ten tries to fit (timm's mode
 * 'pixel').
 *
 * @param image one image [3, height, width]
 */
export function randomErasing(
  random: Random,
  image: Float32Array,
  height: number,
  width: number,
  { prob, area = [0.02, 1 / 3], aspect = [0.3, 1 / 0.3] }: RandomErasingOptions,
): void {
  if (random.uniform() >= prob) return;
  const logLow = Math.log(aspect[0]), logHigh = Math.log(aspect[1]);
  for (let attempt = 0; attempt < 10; attempt++) {
    const target = height * width * (area[0] + (area[1] - area[0]) * random.uniform());
    const ratio = Math.exp(logLow + (logHigh - logLow) * random.uniform());
    const h = Math.round(Math.sqrt(target * ratio)), w = Math.round(Math.sqrt(target / ratio));
    if (h >= height || w >= width) continue;
    const top = random.integer(height - h + 1), left = random.integer(width - w + 1);
    for (let c = 0; c < 3; c++) {
      for (let y = top; y < top + h; y++) {
        const row = (c * height + y) * width;
        for (let x = left; x < left + w; x++) image[row + x] = random.normal();
      }
    }
    return;
  }
}
