import * as tf from "@tensorflow/tfjs-core";
import { type Gradient, hasKernel, runFused, withGradient } from "./fusedKernel.ts";

/**
 * Depthwise convolution, each channel by a kernel of its own, as PyTorch's `Conv2d` with as many groups as channels, at stride 1
 * with so many zeros around that the sides stay.
 *
 * @param x [N, H, W, C]: channels last, so that pixels are rows for the layers around it
 * @param weight [C, 1, k, k] with k odd, the layout of the official checkpoints
 * @param bias [C]
 * @returns [N, H, W, C]
 */
export function depthwiseConv(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  if (!hasKernel("Depthwise")) {
    const taps = tf.transpose(weight, [2, 3, 0, 1]) as tf.Tensor4D; // [k, k, C, 1]
    return tf.add(tf.depthwiseConv2d(x as tf.Tensor4D, taps, 1, "same"), bias);
  }
  return withGradient([x, weight, bias], (save, x, weight, bias) => {
    save([x, weight]);
    const gradFunc: Gradient = (dy, [x, weight]) => [
      // With the kernel turned by half a turn the same operation leads back.
      runFused("Depthwise", { x: dy, weight }, { turned: 1 })[0],
      runFused("DepthwiseFilterGrad", { x, dy }, { size: weight.shape[2]! })[0],
      tf.sum(tf.reshape(dy, [-1, bias.size]), 0),
    ];
    return { value: runFused("Depthwise", { x, weight, bias }, { turned: 0 })[0], gradFunc };
  });
}
