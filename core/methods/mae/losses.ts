import * as tf from "@tensorflow/tfjs-core";
import { type Gradient, withGradient } from "../../engine/fusedKernel.ts";

/** Mean of 0.5 d^2 / 2 where |d| <= 2, and |d| - 1 beyond (DMJD eq. 5, beta = 2). */
export function smoothL1(difference: tf.Tensor): tf.Tensor {
  const each = withGradient([difference], (save, d) => {
    save([d]);
    const size = tf.abs(d), near = tf.minimum(size, 2);
    // 0.25 near^2 + (size - near): the second term is 0 up to 2.
    const value = tf.add(tf.mul(tf.square(near), 0.25), tf.sub(size, near));
    const gradFunc: Gradient = (dy, [d]) => [tf.mul(dy, tf.mul(tf.minimum(tf.maximum(d, -2), 2), 0.5))];
    return { value, gradFunc };
  });
  return tf.mean(each);
}

/** Mean over rows of 1 - cos of the angle between two rows, [rows, width] each. */
export function cosineDistance(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const along = tf.sum(tf.mul(a, b), -1), lengths = tf.sqrt(tf.mul(tf.sum(tf.square(a), -1), tf.sum(tf.square(b), -1)));
  return tf.mean(tf.sub(1, tf.div(along, lengths)));
}
