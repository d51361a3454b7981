/** Settings of AdamW that stay the same over a run. */
export interface AdamWOptions {
  betas: [number, number];
  eps: number;
}

/** The numbers one AdamW update needs, per tensor and step. */
export interface AdamWCoefficients {
  beta1: number;
  beta2: number;
  /** Step length in front of moment1 / (sqrt(moment2) + eps). */
  alpha: number;
  eps: number;
  /** Factor on the weight itself: 1 - lr * weightDecay. */
  decay: number;
  /** Factor on the gradient: 1 / n where it is a sum over n passes. */
  scale: number;
}

/**
 * Folds AdamW (Loshchilov and Hutter 2019; defaults as PyTorch) into one pass per tensor.
 *
 * The moments are kept unnormalised, M = beta1 M + g and V = beta2 V + g^2, i.e. m = (1 - beta1) M, v = (1 - beta2) V:
 * w <- w * decay - alpha * M / (sqrt(V) + eps'), with the bias corrections of step `step` in alpha and eps'.
 *
 * @param options betas and eps
 * @param lr learning rate of this tensor in this step
 * @param weightDecay weight decay of this tensor
 * @param step number of this update, from 1
 * @param scale factor on the gradient
 */
export function adamwCoefficients(
  { betas: [beta1, beta2], eps }: AdamWOptions,
  lr: number,
  weightDecay: number,
  step: number,
  scale = 1,
): AdamWCoefficients {
  const mScale = (1 - beta1) / (1 - beta1 ** step);
  const vScale = Math.sqrt((1 - beta2) / (1 - beta2 ** step));
  return { beta1, beta2, alpha: lr * mScale / vScale, eps: eps / vScale, decay: 1 - lr * weightDecay, scale };
}

/** The update in plain TypeScript, single precision at every operation: what the SIMD kernel must equal bit for bit. */
export function adamwReference(
  value: Float32Array,
  moment1: Float32Array,
  moment2: Float32Array,
  gradient: Float32Array,
  coefficients: AdamWCoefficients,
): void {
  const f = Math.fround;
  const beta1 = f(coefficients.beta1), beta2 = f(coefficients.beta2), alpha = f(coefficients.alpha);
  const eps = f(coefficients.eps), decay = f(coefficients.decay), scale = f(coefficients.scale);
  for (let i = 0; i < value.length; i++) {
    const g = f(gradient[i] * scale);
    moment1[i] = f(f(moment1[i] * beta1) + g);
    moment2[i] = f(f(moment2[i] * beta2) + f(g * g));
    const step = f(f(moment1[i] * alpha) / f(f(Math.sqrt(moment2[i])) + eps));
    value[i] = f(f(value[i] * decay) - step);
  }
}
