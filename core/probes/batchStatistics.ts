/**
 * The batch normalisation in front of MAE's linear probe: `eps` is added to the variance, `momentum` is the newest batch's
 * share.
 */
export const BATCH_NORM = { eps: 1e-6, momentum: 0.1 } as const;

/** Mean and variance of features, [D] each: of one batch, biased, or running over batches, unbiased. */
export interface Statistics {
  mean: Float32Array;
  variance: Float32Array;
}

/** The statistics before the first batch: mean 0 and variance 1, as PyTorch starts them. */
export function initialStatistics(featureDim: number): Statistics {
  return { mean: new Float32Array(featureDim), variance: new Float32Array(featureDim).fill(1) };
}

/**
 * Takes one batch into the running statistics, as PyTorch's BatchNorm does: its variance becomes unbiased on the way.
 *
 * @param running statistics so far; they are not changed
 * @param batch mean and biased variance of a batch
 * @param size samples in the batch
 * @throws {RangeError} when the batch has fewer than 2 samples, so that it has no unbiased variance
 */
export function updateStatistics(running: Statistics, batch: Statistics, size: number): Statistics {
  if (size < 2) {
    throw new RangeError(`Cannot update running statistics: the batch has ${size} samples, want at least 2`);
  }
  const { momentum } = BATCH_NORM, unbiased = size / (size - 1);
  return {
    mean: running.mean.map((mean, d) => (1 - momentum) * mean + momentum * batch.mean[d]),
    variance: running.variance.map((variance, d) =>
      (1 - momentum) * variance + momentum * unbiased * batch.variance[d]
    ),
  };
}
