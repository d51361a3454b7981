import { l2Normalize } from "../../core/hog/normalize.ts";
import { orientationBin } from "../../core/hog/orientation.ts";
import { type Gradients, sobel } from "../../core/hog/sobel.ts";

/** One channel of an image, and its target. */
export interface BiasSample {
  plane: Float32Array;
  height: number;
  width: number;
  cell: number;
  bins: number;
  /** [cells, bins], L2-normalised. */
  target: Float32Array;
}

type Bias = [number, number];

const reach = 0.5, stride = 0.05;

/**
 * Recovers the bias that a convolution added to both gradients, which a fixture does not hold: two numbers from the
 * thousands of its target. The grid covers the default of torch.nn.Conv2d for a 3 x 3 kernel, at most 1/3.
 *
 * @returns [bias of gx, bias of gy] with the least squared error
 */
export function fitBias(samples: BiasSample[]): Bias {
  const prepared = samples.map((sample) => ({ ...sample, ...sobel(sample.plane, sample.height, sample.width) }));
  const loss = (bias: Bias) => prepared.reduce((sum, sample) => sum + squaredError(sample, bias), 0);
  const grid: Bias[] = [];
  for (let x = -reach; x <= reach; x += stride) {
    for (let y = -reach; y <= reach; y += stride) grid.push([x, y]);
  }
  let best = least(grid, loss);
  for (let step = stride / 2; step > 1e-8;) {
    const around = [-step, 0, step].flatMap((x) => [-step, 0, step].map((y): Bias => [best[0] + x, best[1] + y]));
    const next = least(around, loss);
    if (next[0] === best[0] && next[1] === best[1]) step /= 2;
    best = next;
  }
  // A short decimal that fits as well is the number meant; next to an edge of a bin the last digits decide.
  const rounded: Bias = [Number(best[0].toFixed(6)), Number(best[1].toFixed(6))];
  return least([rounded, best], loss);
}

function least(candidates: Bias[], loss: (bias: Bias) => number): Bias {
  const losses = candidates.map(loss);
  return candidates[losses.indexOf(Math.min(...losses))];
}

function squaredError({ gx, gy, width, cell, bins, target }: BiasSample & Gradients, bias: Bias): number {
  const sums = new Float64Array(target.length), normalized = new Float32Array(target.length);
  for (let i = 0; i < gx.length; i++) {
    const x = Math.fround(gx[i] + Math.fround(bias[0])), y = Math.fround(gy[i] + Math.fround(bias[1]));
    const at = Math.floor(Math.floor(i / width) / cell) * (width / cell) + Math.floor(i % width / cell);
    sums[at * bins + orientationBin(x, y, bins)] += Math.sqrt(x * x + y * y);
  }
  l2Normalize(sums, bins, 1 / cell ** 2, normalized, 0);
  return normalized.reduce((sum, value, i) => sum + (value - target[i]) ** 2, 0);
}
