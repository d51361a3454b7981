import * as tf from "@tensorflow/tfjs-core";

/** How a square kernel moves over an image. */
export interface ConvOptions {
  /** Pixels from one position to the next; 1 unless given. */
  stride?: number;
  /** Rows and columns of zeros around the image; 0 unless given. */
  padding?: number;
}

/** A normalised tensor, and what the running statistics take over from the batch. */
export interface BatchNormalised {
  /** The shape of the input. */
  value: tf.Tensor;
  /** Mean of each channel over the batch, [C]. */
  mean: tf.Tensor;
  /** Variance of each channel over the batch, divided by n - 1 as PyTorch's running variance is, [C]. */
  variance: tf.Tensor;
}

const toNhwc = (x: tf.Tensor) => tf.transpose(x, [0, 2, 3, 1]) as tf.Tensor4D;
const toNchw = (x: tf.Tensor) => tf.transpose(x, [0, 3, 1, 2]);

/**
 * Convolution without bias, as PyTorch's `conv2d`.
 *
 * @param x [N, C, H, W]
 * @param weight [O, C, k, k], the layout of the official checkpoints
 * @param add [N, O, H', W'], added to the result: the shortcut of a residual block
 * @returns [N, O, H', W'] with H' = floor((H + 2 padding - k) / stride) + 1
 */
export function conv2d(
  x: tf.Tensor,
  weight: tf.Tensor,
  { stride = 1, padding = 0 }: ConvOptions = {},
  add?: tf.Tensor,
): tf.Tensor {
  const edge: [number, number] = [padding, padding];
  const padded = padding ? tf.pad(x, [[0, 0], [0, 0], edge, edge]) : x;
  const taps = tf.transpose(weight, [2, 3, 1, 0]) as tf.Tensor4D; // [k, k, C, O]
  const value = toNchw(tf.conv2d(toNhwc(padded), taps, stride, "valid"));
  return add ? tf.add(value, add) : value;
}

/** Greater than zero, or zero. */
export function relu(x: tf.Tensor): tf.Tensor {
  return tf.relu(x);
}

/** The axes that a channel's statistics run over: all but the second. */
const overImages = (x: tf.Tensor) => x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);

/** [C] as a tensor that broadcasts over [N, C] or [N, C, H, W]. */
const asChannels = (values: tf.Tensor, x: tf.Tensor) =>
  tf.reshape(values, x.shape.map((extent, axis) => axis === 1 ? extent : 1));

/**
 * Batch normalisation in training mode: by the batch's own mean and (biased) variance.
 *
 * @param x [N, C] or [N, C, H, W]
 * @param weight [C]
 * @param bias [C]
 * @param options `relu`: whether what is below zero becomes zero; `eps`: added to the variance
 * @throws {RangeError} when a channel has a single value, which has no variance
 */
export function batchNorm(
  x: tf.Tensor,
  weight: tf.Tensor,
  bias: tf.Tensor,
  { relu: rectified = false, eps = 1e-5 }: { relu?: boolean; eps?: number } = {},
): BatchNormalised {
  const axes = overImages(x), count = axes.reduce((product, axis) => product * x.shape[axis], 1);
  if (count < 2) {
    throw new RangeError(`Cannot normalise a batch of shape [${x.shape}]: a channel has one value, want at least 2`);
  }
  const mean = tf.mean(x, axes), centred = tf.sub(x, asChannels(mean, x));
  const variance = tf.mean(tf.square(centred), axes), inverse = tf.rsqrt(tf.add(variance, eps));
  const value = tf.add(tf.mul(centred, asChannels(tf.mul(weight, inverse), x)), asChannels(bias, x));
  return { value: rectified ? relu(value) : value, mean, variance: tf.mul(variance, count / (count - 1)) };
}

/**
 * Batch normalisation in inference mode: by running statistics, which do not move.
 *
 * @param x [N, C] or [N, C, H, W]
 * @param weight [C]
 * @param bias [C]
 * @param running mean and variance, each [C]
 * @param options as of {@link batchNorm}
 * @returns the shape of x
 */
export function runningNorm(
  x: tf.Tensor,
  weight: tf.Tensor,
  bias: tf.Tensor,
  running: { mean: tf.Tensor; variance: tf.Tensor },
  { relu: rectified = false, eps = 1e-5 }: { relu?: boolean; eps?: number } = {},
): tf.Tensor {
  const scale = tf.mul(weight, tf.rsqrt(tf.add(running.variance, eps)));
  const shift = tf.sub(bias, tf.mul(running.mean, scale));
  const value = tf.add(tf.mul(x, asChannels(scale, x)), asChannels(shift, x));
  return rectified ? relu(value) : value;
}

/** [N, C, H, W] in windows that do not overlap: [N, C, H / k, k, W / k, k]. */
function windows(x: tf.Tensor, size: number): tf.Tensor {
  const [n, c, h, w] = x.shape;
  if (h % size || w % size) {
    throw new RangeError(`Cannot pool ${h} x ${w} pixels: want sides that ${size} divides`);
  }
  return tf.reshape(x, [n, c, h / size, size, w / size, size]);
}

/** Mean of each window of `size` x `size` pixels: [N, C, H, W] to [N, C, H / size, W / size]. */
export function avgPool(x: tf.Tensor, size: number): tf.Tensor {
  return tf.mean(windows(x, size), [3, 5]);
}

/** Mean over all pixels: [N, C, H, W] to [N, C]. */
export function globalAvgPool(x: tf.Tensor): tf.Tensor {
  return tf.mean(x, [2, 3]);
}

/** Maximum of each window of `size` x `size` pixels: [N, C, H, W] to [N, C, H / size, W / size]. */
export function maxPool(x: tf.Tensor, size: number): tf.Tensor {
  windows(x, size);
  return toNchw(tf.maxPool(toNhwc(x), size, size, "valid"));
}

/** Puts channels behind channels: [N, C1, H, W], [N, C2, H, W] to [N, C1 + C2, H, W]. */
export function concatChannels(parts: tf.Tensor[]): tf.Tensor {
  return tf.concat(parts, 1);
}
