import { dmjdHog, whitenBins } from "../../hog/dmjdHog.ts";
import { l2Normalize } from "../../hog/normalize.ts";
import { gridSize, patchLength } from "../../models/config.ts";
import { HOG_BINS, HOG_CELLS, type MaeConfig, targetLength } from "./config.ts";

/** Added to a patch's variance (MAE code). */
const EPS = 1e-6;

/**
 * Pixels of patches as MAE orders them, (row, column, channel), each patch brought to mean 0 and (unbiased) variance 1 where
 * `normalised`.
 *
 * @param image normalised, [3, S, S]
 * @param out [N, 3*p*p]
 */
function pixelTarget(image: Float32Array, config: MaeConfig, normalised: boolean, out: Float32Array): void {
  const { imageSize: S, patchSize: p } = config, grid = gridSize(config), length = patchLength(config);
  for (let token = 0; token < grid * grid; token++) {
    const patch = out.subarray(token * length, (token + 1) * length);
    const top = Math.floor(token / grid) * p, left = (token % grid) * p;
    let at = 0;
    for (let y = 0; y < p; y++) {
      for (let x = 0; x < p; x++) {
        for (let channel = 0; channel < 3; channel++) patch[at++] = image[(channel * S + top + y) * S + left + x];
      }
    }
    if (!normalised) continue;
    let mean = 0, variance = 0;
    for (const value of patch) mean += value / length;
    for (const value of patch) variance += (value - mean) ** 2 / (length - 1);
    const scale = 1 / Math.sqrt(variance + EPS);
    for (let i = 0; i < length; i++) patch[i] = (patch[i] - mean) * scale;
  }
}

/**
 * DMJD's histograms of a patch, in the order (cell row, cell column, bin, channel).
 *
 * @param pixels RGB bytes, [S, S, 3]
 * @param out [N, 108]
 */
function hogTarget(pixels: Uint8Array, config: MaeConfig, out: Float32Array): void {
  const { imageSize: S, patchSize } = config, grid = gridSize(config), side = grid * HOG_CELLS;
  const planes = new Uint8Array(pixels.length);
  for (let i = 0; i < S * S; i++) for (let c = 0; c < 3; c++) planes[c * S * S + i] = pixels[3 * i + c];
  const cells = dmjdHog(planes, { height: S, width: S, cell: patchSize / HOG_CELLS, bins: HOG_BINS });
  const normed = config.target === "hog" ? whitenBins(cells, HOG_BINS) : ofLength1(cells);
  let at = 0;
  for (let token = 0; token < grid * grid; token++) {
    for (let row = 0; row < HOG_CELLS; row++) {
      for (let column = 0; column < HOG_CELLS; column++) {
        const y = Math.floor(token / grid) * HOG_CELLS + row, x = (token % grid) * HOG_CELLS + column;
        for (let bin = 0; bin < HOG_BINS; bin++) {
          for (let c = 0; c < 3; c++) out[at++] = normed[((c * side + y) * side + x) * HOG_BINS + bin];
        }
      }
    }
  }
}

/** Added to the variance of a feature vector (DMJD's normalisation of targets; PyTorch's default). */
const FEATURE_EPS = 1e-5;

/**
 * Features of patches, each brought to mean 0 and variance 1: a layer normalisation without weights.
 *
 * @param features [..., dim]
 */
export function whitenFeatures(features: Float32Array, dim: number): Float32Array {
  const found = new Float32Array(features.length);
  for (let first = 0; first < features.length; first += dim) {
    let mean = 0, variance = 0;
    for (let i = first; i < first + dim; i++) mean += features[i] / dim;
    for (let i = first; i < first + dim; i++) variance += (features[i] - mean) ** 2 / dim;
    const scale = 1 / Math.sqrt(variance + FEATURE_EPS);
    for (let i = first; i < first + dim; i++) found[i] = (features[i] - mean) * scale;
  }
  return found;
}

/** Histograms of length 1; an empty one stays empty. */
function ofLength1(histograms: Float32Array): Float32Array {
  const normed = new Float32Array(histograms.length);
  l2Normalize(Float64Array.from(histograms), HOG_BINS, 1, normed, 0);
  return normed;
}

/**
 * HOG targets of a batch.
 *
 * @param pixels RGB bytes, [B, S, S, 3]
 * @returns [B, N, 108]
 */
export function hogTargets(config: MaeConfig, pixels: Uint8Array, count: number): Float32Array {
  return ofImages(config, count, (b, size, out) => hogTarget(pixels.subarray(b * size, (b + 1) * size), config, out));
}

/**
 * Pixel targets of a batch.
 *
 * @param images normalised, [B, 3, S, S]
 * @returns [B, N, 3*p*p]
 */
export function pixelTargets(config: MaeConfig, images: Float32Array, count: number): Float32Array {
  const normalised = config.target === "normPixels";
  return ofImages(
    config,
    count,
    (b, size, out) => pixelTarget(images.subarray(b * size, (b + 1) * size), config, normalised, out),
  );
}

function ofImages(
  config: MaeConfig,
  count: number,
  fill: (image: number, size: number, out: Float32Array) => void,
): Float32Array {
  const size = config.imageSize ** 2 * 3, each = gridSize(config) ** 2 * targetLength(config);
  const targets = new Float32Array(count * each);
  for (let b = 0; b < count; b++) fill(b, size, targets.subarray(b * each, (b + 1) * each));
  return targets;
}
