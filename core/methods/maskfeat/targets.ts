import { localmimHog } from "../../hog/localmimHog.ts";

/** What MaskFeat's histograms are taken over. */
export interface MaskFeatHogOptions {
  /** Side of the image in pixels. */
  imageSize: number;
  /** Side of a patch in pixels. */
  patchSize: number;
  /** Side of a cell in pixels: 8, of which a patch of 16 has 2 x 2. */
  cell: number;
  /** Whether gradients are weighted by Gaussians, one for every 2 x 2 cells. */
  gaussian: boolean;
}

const BINS = 9;

/** Gaussians of `side` pixels, their deviation half of that, one beside the other, [imageSize * imageSize]; the sum of each is 1. */
function gaussians(imageSize: number, side: number): Float32Array {
  const curve = Float64Array.from(
    { length: side },
    (_, i) => Math.exp(-(((i - (side - 1) / 2) / (side / 2)) ** 2) / 2),
  );
  const sum = curve.reduce((a, b) => a + b);
  return Float32Array.from({ length: imageSize ** 2 }, (_, i) => {
    return curve[Math.floor(i / imageSize) % side] * curve[i % imageSize % side] / sum ** 2;
  });
}

/**
 * MaskFeat's target (Wei et al. 2022): histograms of the normalised image as LocalMIM has them, each patch's in the order (channel,
 * bin, cell row, cell column).
 *
 * @param image normalised, [3, S, S]
 * @returns [N, 3 * 9 * (patchSize / cell)^2]
 */
export function maskFeatTarget(image: Float32Array, options: MaskFeatHogOptions): Float32Array {
  const { imageSize, patchSize, cell } = options, factors = options.gaussian && gaussians(imageSize, 2 * cell);
  const [histogram] = localmimHog(image, {
    height: imageSize,
    width: imageSize,
    cells: [cell],
    bins: BINS,
    ...(factors && { factors }),
  });
  const side = imageSize / cell, each = patchSize / cell, grid = imageSize / patchSize, channels = 3 * BINS;
  const target = new Float32Array(histogram.length);
  for (let at = 0; at < target.length; at++) {
    const column = at % each, row = Math.floor(at / each) % each, channel = Math.floor(at / each ** 2) % channels;
    const patch = Math.floor(at / each ** 2 / channels);
    const y = Math.floor(patch / grid) * each + row, x = patch % grid * each + column;
    target[at] = histogram[(y * side + x) * channels + channel];
  }
  return target;
}
