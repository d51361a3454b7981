import type { SgdCoefficients } from "./sgd.ts";

/** Settings of LARS that stay the same over a run. */
export interface LarsOptions {
  momentum: number;
  /** Trust coefficient: length of a matrix's direction relative to the matrix; 0.001 in MAE. */
  trust: number;
}

/**
 * One update of LARS (You et al. 2017) as MAE's `util/lars.py` writes it: SGD with momentum whose direction, gradient plus
 * decay, is scaled to `trust` times the length of the weights. Only tensors of more than one dimension are scaled and
 * decayed; a bias follows plain SGD.
 *
 * The lengths are summed in double precision in the order of the elements.
 *
 * @param options momentum and trust coefficient
 * @param value the weights
 * @param gradient of the same length
 * @param dimensions of the tensor
 * @param lr learning rate of this tensor in this step
 * @param weightDecay L2 weight decay, of matrices only
 * @param scale factor on the gradient
 */
export function larsCoefficients(
  { momentum, trust }: LarsOptions,
  value: Float32Array,
  gradient: Float32Array,
  dimensions: number,
  lr: number,
  weightDecay: number,
  scale = 1,
): SgdCoefficients {
  const decay = dimensions > 1 ? weightDecay : 0;
  const ratio = dimensions > 1 ? trustRatio(trust, value, gradient, decay, scale) : 1;
  return { scale: ratio * scale, decay: ratio * decay, momentum, direct: 0, carried: 1, lr };
}

/** trust |w| / |g + decay w|, or 1 where either length is 0. */
function trustRatio(
  trust: number,
  value: Float32Array,
  gradient: Float32Array,
  decay: number,
  scale: number,
): number {
  let weights = 0, direction = 0;
  for (let i = 0; i < value.length; i++) {
    const w = value[i], d = gradient[i] * scale + w * decay;
    weights += w * w;
    direction += d * d;
  }
  return weights > 0 && direction > 0 ? trust * Math.sqrt(weights) / Math.sqrt(direction) : 1;
}
