import { createHog } from "../../hog/createHog.ts";
import { localmimHog } from "../../hog/localmimHog.ts";
import { HOG_BINS } from "./config.ts";

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
  const { imageSize, cell } = options, factors = options.gaussian && gaussians(imageSize, 2 * cell);
  const size = { height: imageSize, width: imageSize, cells: [cell], bins: HOG_BINS };
  const [histograms] = localmimHog(image, { ...size, ...(factors && { factors }) });
  const target = new Float32Array(histograms.length);
  intoPatches(histograms, options, target);
  return target;
}

/**
 * The same of batches straight from bytes, without Gaussians: integers are exact and take a fraction of the time. A cell of one colour
 * has 0 here, where rounding of the normalised image leaves what the norm lifts to length 1.
 *
 * @returns makes targets [B, N, C] of RGB bytes, [B, S, S, 3]
 */
export function byteTargets(
  options: Omit<MaskFeatHogOptions, "gaussian">,
): (pixels: Uint8Array, count: number) => Float32Array {
  const { imageSize, cell } = options, each = (imageSize / cell) ** 2 * 3 * HOG_BINS, cells = new Float32Array(each);
  const hog = createHog({ height: imageSize, width: imageSize, cells: [cell], bins: HOG_BINS });
  return (pixels, count) => {
    const targets = new Float32Array(count * each);
    for (let b = 0; b < count; b++) {
      hog(pixels, b * imageSize ** 2 * 3, [cells], 0);
      intoPatches(cells, options, targets.subarray(b * each, (b + 1) * each));
    }
    return targets;
  };
}

/** Histograms of cells, row by row, in the order of MaskFeat's patches. */
function intoPatches(
  histograms: Float32Array,
  { imageSize, patchSize, cell }: Omit<MaskFeatHogOptions, "gaussian">,
  target: Float32Array,
): void {
  const side = imageSize / cell, each = patchSize / cell, grid = imageSize / patchSize, channels = 3 * HOG_BINS;
  let at = 0;
  for (let patch = 0; patch < grid * grid; patch++) {
    const top = Math.floor(patch / grid) * each, left = patch % grid * each;
    for (let channel = 0; channel < channels; channel++) {
      for (let y = top; y < top + each; y++) {
        for (let x = left; x < left + each; x++) target[at++] = histograms[(y * side + x) * channels + channel];
      }
    }
  }
}
