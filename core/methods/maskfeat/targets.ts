import { localmimHog } from "../../hog/localmimHog.ts";

/** What MaskFeat's histograms are taken over. */
export interface MaskFeatHogOptions {
  /** Side of the image in pixels. */
  imageSize: number;
  /** Side of a patch in pixels. */
  patchSize: number;
  /** Side of a cell in pixels: 8, of which a patch of 16 has 2 x 2. */
  cell: number;
}

const BINS = 9;

/**
 * MaskFeat's target (Wei et al. 2022): histograms of the normalised image as LocalMIM has them, each patch's in the order (channel,
 * bin, cell row, cell column). The released model leaves the Gaussian window out.
 *
 * @param image normalised, [3, S, S]
 * @returns [N, 3 * 9 * (patchSize / cell)^2]
 */
export function maskFeatTarget(image: Float32Array, { imageSize, patchSize, cell }: MaskFeatHogOptions): Float32Array {
  const [histogram] = localmimHog(image, { height: imageSize, width: imageSize, cells: [cell], bins: BINS });
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
