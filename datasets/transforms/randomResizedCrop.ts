import type { Random } from "../../core/random/stream.ts";
import type { CropBox } from "../dataset.ts";

/** Range of the crop's share of the image area, and of its aspect ratio width / height. */
export interface RandomResizedCropOptions {
  /** Range of the area, as a share of the image. */
  scale?: readonly [number, number];
  /** Range of width over height. */
  ratio?: readonly [number, number];
}

/**
 * Draws the box of a random resized crop as torchvision's RandomResizedCrop does: area uniform, aspect ratio
 * log-uniform, ten tries; then the largest centred box whose ratio is allowed.
 *
 * The default scale is that of LocalMIM's and MAE's pre-training, (0.2, 1).
 */
export function randomResizedCropBox(
  random: Random,
  width: number,
  height: number,
  { scale = [0.2, 1], ratio = [3 / 4, 4 / 3] }: RandomResizedCropOptions = {},
): CropBox {
  const logLow = Math.log(ratio[0]), logHigh = Math.log(ratio[1]);
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = width * height * (scale[0] + (scale[1] - scale[0]) * random.uniform());
    const aspect = Math.exp(logLow + (logHigh - logLow) * random.uniform());
    const w = Math.round(Math.sqrt(area * aspect)), h = Math.round(Math.sqrt(area / aspect));
    if (w >= 1 && h >= 1 && w <= width && h <= height) {
      const top = random.integer(height - h + 1), left = random.integer(width - w + 1);
      return { left, top, width: w, height: h };
    }
  }
  return centredBox(width, height, ratio);
}

function centredBox(width: number, height: number, ratio: readonly [number, number]): CropBox {
  const w = width / height > ratio[1] ? Math.round(height * ratio[1]) : width;
  const h = width / height < ratio[0] ? Math.round(width / ratio[0]) : height;
  return { left: Math.floor((width - w) / 2), top: Math.floor((height - h) / 2), width: w, height: h };
}
