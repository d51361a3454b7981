/** Settings of SGD that stay the same over a run. */
export interface SgdOptions {
  momentum: number;
  /** Whether the step looks one momentum step ahead (Nesterov). */
  nesterov: boolean;
}

/**
 * The numbers one SGD update needs, per tensor and step:
 * d = scale g + decay w, m = momentum m + d, w -= lr (direct d + carried m).
 */
export interface SgdCoefficients {
  /** Factor on the gradient: 1 / n where it is a sum over n passes. */
  scale: number;
  /** Factor on the weight as it is added to the gradient: L2 weight decay. */
  decay: number;
  momentum: number;
  /** Share of the new direction in the step beside the momentum: 1 for Nesterov, else 0. */
  direct: number;
  /** Share of the momentum in the step: `momentum` for Nesterov, else 1. */
  carried: number;
  lr: number;
}

/**
 * One update of SGD with momentum as PyTorch writes it (no dampening).
 *
 * PyTorch starts the momentum with the first direction itself; starting it with zeros is the same.
 *
 * @param options momentum, and whether Nesterov's
 * @param lr learning rate of this tensor in this step
 * @param weightDecay L2 weight decay of this tensor
 * @param scale factor on the gradient
 */
export function sgdCoefficients(
  { momentum, nesterov }: SgdOptions,
  lr: number,
  weightDecay: number,
  scale = 1,
): SgdCoefficients {
  const [direct, carried] = nesterov ? [1, momentum] : [0, 1];
  return { scale, decay: weightDecay, momentum, direct, carried, lr };
}

/** The update in plain TypeScript, single precision at every operation: what the SIMD kernel must equal bit for bit. */
export function sgdReference(
  value: Float32Array,
  moment: Float32Array,
  gradient: Float32Array,
  coefficients: SgdCoefficients,
): void {
  const f = Math.fround;
  const scale = f(coefficients.scale), decay = f(coefficients.decay), momentum = f(coefficients.momentum);
  const direct = f(coefficients.direct), carried = f(coefficients.carried), lr = f(coefficients.lr);
  for (let i = 0; i < value.length; i++) {
    const d = f(f(gradient[i] * scale) + f(value[i] * decay));
    moment[i] = f(f(moment[i] * momentum) + d);
    value[i] = f(value[i] - f(f(f(d * direct) + f(moment[i] * carried)) * lr));
  }
}
