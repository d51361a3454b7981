import * as tf from "@tensorflow/tfjs-core";
import { type Gradient, hasKernel, runFused, withGradient } from "./fusedKernel.ts";

/**
 * Fully connected layer, y = x W^T + b.
 *
 * @param x [rows, in]
 * @param weight [out, in], the layout of the official checkpoint
 * @param bias [out]
 * @returns [rows, out]
 */
export function linear(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  return withGradient([x, weight, bias], (save, x, weight, bias) => {
    save([x, weight]);
    const value = hasKernel("Linear")
      ? runFused("Linear", { x, weight, bias })[0]
      : tf.add(tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D, false, true), bias);
    const gradFunc: Gradient = (dy, [x, weight]) => [
      tf.matMul(dy as tf.Tensor2D, weight as tf.Tensor2D),
      tf.matMul(dy as tf.Tensor2D, x as tf.Tensor2D, true, false),
      tf.sum(dy, 0),
    ];
    return { value, gradFunc };
  });
}

/**
 * Layer normalisation over the last axis.
 *
 * @param x [rows, width]
 * @param weight [width]
 * @param bias [width]
 * @param eps added to the variance; 1e-6 in every model here (LocalMIM code), not PyTorch's 1e-5
 * @returns [rows, width]
 */
export function layerNorm(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor, eps = 1e-6): tf.Tensor {
  return withGradient([x, weight, bias], (save, x, weight, bias) => {
    const [value, mean, inverse] = hasKernel("LayerNorm")
      ? runFused("LayerNorm", { x, weight, bias }, { eps })
      : normalizeRows(x, weight, bias, eps);
    save([x, weight, mean, inverse]);
    const gradFunc: Gradient = (dy, [x, weight, mean, inverse]) => {
      const xHat = tf.mul(tf.sub(x, mean), inverse) as tf.Tensor2D, dyXHat = tf.mul(dy, xHat) as tf.Tensor2D; // [rows, width]
      // Row means of dy * weight and of dy * weight * xHat, as matrix products.
      const share = tf.reshape(tf.div(weight, weight.size), [weight.size, 1]) as tf.Tensor2D;
      const mean1 = tf.matMul(dy as tf.Tensor2D, share), mean2 = tf.matMul(dyXHat, share); // [rows, 1]
      const dx = tf.mul(tf.sub(tf.mul(dy, weight), tf.add(tf.mul(xHat, mean2), mean1)), inverse);
      return [dx, tf.sum(dyXHat, 0), tf.sum(dy, 0)];
    };
    return { value, gradFunc };
  });
}

function normalizeRows(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor, eps: number): tf.Tensor[] {
  const mean = tf.mean(x, -1, true), centred = tf.sub(x, mean); // [rows, 1], [rows, width]
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), eps));
  return [tf.add(tf.mul(tf.mul(centred, inverse), weight), bias), mean, inverse];
}

/** GELU with the exact error function, elementwise: x Phi(x). */
export function gelu(x: tf.Tensor): tf.Tensor {
  if (!hasKernel("Gelu")) return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
  return withGradient([x], (save, x) => {
    save([x]);
    const gradFunc: Gradient = (dy, [x]) => runFused("GeluGrad", { x, dy });
    return { value: runFused("Gelu", { x })[0], gradFunc };
  });
}

/**
 * Rows of a matrix by index, no row taken twice. Its gradient is a gather too, so it needs no scatter, whose order of
 * additions would depend on the threads.
 *
 * @param x [rows, width]
 * @param index [taken] int32: the row of `x` that each output row is
 * @param inverse [rows] int32: the output row that each row of `x` went to, or `taken` where it was not taken
 * @returns [taken, width]
 */
export function gatherRows(x: tf.Tensor, index: tf.Tensor, inverse: tf.Tensor): tf.Tensor {
  const everyRow = index.shape[0] === x.shape[0];
  return withGradient([x, index, inverse], (save, x, index, inverse) => {
    save([index, inverse]);
    const gradFunc: Gradient = (dy, [index, inverse]) => {
      const padded = everyRow ? dy : tf.concat([dy, tf.zeros([1, dy.shape[1]!])], 0); // [taken + 1, width]
      return [tf.gather(padded, inverse as tf.Tensor1D), tf.zerosLike(index), tf.zerosLike(inverse)];
    };
    return { value: tf.gather(x, index as tf.Tensor1D), gradFunc };
  });
}
