import * as tf from "@tensorflow/tfjs-core";
import { type Gradient, hasKernel, runFused, withGradient } from "./fusedKernel.ts";

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
  if (!hasKernel("ConvForward")) return plainConv(x, weight, { stride, padding }, add);
  return withGradient(add ? [x, weight, add] : [x, weight], (save, x, weight, add) => {
    save([x, weight]);
    const where = { stride, padding }, value = runFused("ConvForward", { x, weight, ...(add && { add }) }, where)[0];
    const gradFunc: Gradient = (dy, [x, weight]) => [
      runFused("ConvInputGrad", { dy, weight, like: x }, where)[0],
      runFused("ConvFilterGrad", { x, dy }, { ...where, size: weight.shape[2]! })[0],
      ...(add ? [dy] : []),
    ];
    return { value, gradFunc };
  });
}

function plainConv(
  x: tf.Tensor,
  weight: tf.Tensor,
  { stride, padding }: Required<ConvOptions>,
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
  if (!hasKernel("ReluGrad")) return tf.relu(x);
  return withGradient([x], (save, x) => {
    const value = tf.relu(x);
    save([value]);
    return { value, gradFunc: (dy, [y]) => [reluGrad(y, dy)] };
  });
}

/** The gradient through a ReLU, from its output. */
const reluGrad = (y: tf.Tensor, dy: tf.Tensor) => runFused("ReluGrad", { y, dy })[0];

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
  const unbiased = (variance: tf.Tensor) => tf.mul(variance, count / (count - 1));
  if (x.rank === 4 && hasKernel("ChannelMoments")) {
    const { value, mean, variance } = fusedBatchNorm(x, weight, bias, { rectified, eps, count });
    return { value, mean, variance: unbiased(variance) };
  }
  const mean = tf.mean(x, axes), centred = tf.sub(x, asChannels(mean, x));
  const variance = tf.mean(tf.square(centred), axes), inverse = tf.rsqrt(tf.add(variance, eps));
  const value = tf.add(tf.mul(centred, asChannels(tf.mul(weight, inverse), x)), asChannels(bias, x));
  return { value: rectified ? relu(value) : value, mean, variance: unbiased(variance) };
}

/**
 * The same in few kernels. With s1 and s2 the means of dy and dy x over the batch, d gain = (s2 - mean s1) inverse count and
 * dx = scale (dy + slope x + offset), slope = -inverse^2 (s2 - mean s1), offset = -s1 - slope mean.
 */
function fusedBatchNorm(
  x: tf.Tensor,
  weight: tf.Tensor,
  bias: tf.Tensor,
  { rectified, eps, count }: { rectified: boolean; eps: number; count: number },
): BatchNormalised {
  let moments: tf.Tensor[] = [];
  const value = withGradient([x, weight, bias], (save, x, weight, bias) => {
    const [mean, variance] = moments = runFused("ChannelMoments", { x }).map((moment) => tf.keep(moment));
    const inverse = tf.rsqrt(tf.add(variance, eps)), scale = tf.mul(weight, inverse); // [C]
    const shift = tf.sub(bias, tf.mul(mean, scale));
    const value = runFused("ChannelAffine", { x, scale, shift }, { relu: Number(rectified) })[0];
    save(rectified ? [x, mean, inverse, scale, value] : [x, mean, inverse, scale]);
    const gradFunc: Gradient = (dy, [x, mean, inverse, scale, y]) => {
      const g = y ? reluGrad(y, dy) : dy;
      const sum = runFused("ChannelSum", { x: g })[0], dot = runFused("ChannelDot", { x, y: g })[0]; // [C]
      const covariance = tf.mul(tf.sub(dot, tf.mul(mean, sum)), inverse); // the gain's gradient
      const slope = tf.mul(tf.mul(covariance, inverse), -1 / count);
      const offset = tf.sub(tf.mul(sum, -1 / count), tf.mul(slope, mean));
      return [runFused("BatchNormGrad", { x, dy: g, scale, slope, offset })[0], covariance, sum];
    };
    return { value, gradFunc };
  });
  return { value, mean: moments[0], variance: moments[1] };
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
  if (x.rank === 4 && hasKernel("ChannelAffine")) return fusedAffine(x, scale, shift, rectified);
  const value = tf.add(tf.mul(x, asChannels(scale, x)), asChannels(shift, x));
  return rectified ? relu(value) : value;
}

/** scale x + shift by channel, and above zero where `rectified`. */
function fusedAffine(x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor, rectified: boolean): tf.Tensor {
  return withGradient([x, scale, shift], (save, x, scale, shift) => {
    const value = runFused("ChannelAffine", { x, scale, shift }, { relu: Number(rectified) })[0];
    save(rectified ? [x, scale, value] : [x, scale]);
    const gradFunc: Gradient = (dy, [x, scale, y]) => {
      const g = y ? reluGrad(y, dy) : dy, none = tf.zerosLike(scale);
      return [
        runFused("ChannelAffine", { x: g, scale, shift: none }, { relu: 0 })[0],
        runFused("ChannelDot", { x, y: g })[0],
        runFused("ChannelSum", { x: g })[0],
      ];
    };
    return { value, gradFunc };
  });
}

/** Makes sure that windows of `size` pixels fill an image [N, C, H, W]. */
function checkWindows(x: tf.Tensor, size: number): void {
  const [h, w] = x.shape.slice(2);
  if (h % size || w % size) throw new RangeError(`Cannot pool ${h} x ${w} pixels: want sides that ${size} divides`);
}

/** Mean of each window of `size` x `size` pixels: [N, C, H, W] to [N, C, H / size, W / size]. */
export function avgPool(x: tf.Tensor, size: number): tf.Tensor {
  checkWindows(x, size);
  if (!hasKernel("WindowMeanGrad")) {
    const [n, c, h, w] = x.shape;
    return tf.mean(tf.reshape(x, [n, c, h / size, size, w / size, size]), [3, 5]);
  }
  return withGradient([x], (save, x) => {
    save([x]);
    const gradFunc: Gradient = (dy, [x]) => runFused("WindowMeanGrad", { dy, like: x }, { size });
    return { value: runFused("WindowMean", { x }, { size })[0], gradFunc };
  });
}

/** Mean over all pixels: [N, C, H, W] to [N, C]. */
export function globalAvgPool(x: tf.Tensor): tf.Tensor {
  if (!hasKernel("ImageMeanGrad")) return tf.mean(x, [2, 3]);
  return withGradient([x], (save, x) => {
    save([x]);
    const gradFunc: Gradient = (dy, [x]) => runFused("ImageMeanGrad", { dy, like: x });
    return { value: runFused("ImageMean", { x })[0], gradFunc };
  });
}

/** Maximum of each window of `size` x `size` pixels: [N, C, H, W] to [N, C, H / size, W / size]. */
export function maxPool(x: tf.Tensor, size: number): tf.Tensor {
  checkWindows(x, size);
  if (!hasKernel("WindowMaxGrad")) return toNchw(tf.maxPool(toNhwc(x), size, size, "valid"));
  return withGradient([x], (save, x) => {
    const value = runFused("WindowMax", { x }, { size })[0];
    save([x, value]);
    return { value, gradFunc: (dy, [x, y]) => runFused("WindowMaxGrad", { x, y, dy }, { size }) };
  });
}

/** Puts channels behind channels: [N, C1, H, W], [N, C2, H, W] to [N, C1 + C2, H, W]. */
export function concatChannels(parts: tf.Tensor[]): tf.Tensor {
  return tf.concat(parts, 1);
}
