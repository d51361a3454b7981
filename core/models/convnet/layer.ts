import * as tf from "@tensorflow/tfjs-core";
import { batchNorm, conv2d, runningNorm } from "../../engine/convOps.ts";
import { linear } from "../../engine/ops.ts";
import type { Parameters } from "../../engine/program.ts";
import { runningMean, runningVariance } from "./statistics.ts";
import type { Conv, Linear, Norm, Part } from "./parts.ts";

/** What has one t_i: the unit that freezes. */
export interface Layer {
  /** What it holds, by the names of the official modules. */
  name: string;
  /** In the order of the official modules. */
  parts: Part[];
  /** [N, C, H, W] in and out; the head's output are the logits. */
  forward(x: tf.Tensor, pass: LayerPass): tf.Tensor;
}

/** Share of the features that dropout keeps; what is kept is divided by it. */
const KEPT = 0.5;

/** One pass through a layer: the layer says what follows what, this knows weights, mode and masks. */
export class LayerPass {
  /**
   * @param p weights, and running statistics where they are read
   * @param outputs where live norms leave `${name}.mean` and `${name}.variance`; none: inference mode
   * @param keep masks of dropout by their number, [B, features] of 0 and 1; none: nothing is dropped
   */
  constructor(
    readonly p: Parameters,
    readonly outputs?: Record<string, tf.Tensor>,
    readonly keep?: tf.Tensor[],
  ) {}

  /** A convolution, and the shortcut that is added to it. */
  conv({ name, kernel, stride }: Conv, x: tf.Tensor, add?: tf.Tensor): tf.Tensor {
    return conv2d(x, this.p(`${name}.weight`), { stride, padding: (kernel - 1) / 2 }, add);
  }

  /** A batch norm without ReLU behind it. */
  norm(part: Norm, x: tf.Tensor): tf.Tensor {
    return this.#norm(part, x, false);
  }

  /** A batch norm with ReLU behind it. */
  normRelu(part: Norm, x: tf.Tensor): tf.Tensor {
    return this.#norm(part, x, true);
  }

  /** A linear map of [N, F]. */
  linear({ name }: Linear, x: tf.Tensor): tf.Tensor {
    return linear(x, this.p(`${name}.weight`), this.p(`${name}.bias`));
  }

  /** Dropout number `which` of the net, of [N, F]. */
  dropout(which: number, x: tf.Tensor): tf.Tensor {
    return this.keep ? tf.mul(x, tf.mul(this.keep[which], 1 / KEPT)) : x;
  }

  #norm({ name }: Norm, x: tf.Tensor, relu: boolean): tf.Tensor {
    const weight = this.p(`${name}.weight`), bias = this.p(`${name}.bias`);
    if (!this.outputs) {
      const running = { mean: this.p(runningMean(name)), variance: this.p(runningVariance(name)) };
      return runningNorm(x, weight, bias, running, { relu });
    }
    const { value, mean, variance } = batchNorm(x, weight, bias, { relu });
    this.outputs[`${name}.mean`] = mean;
    this.outputs[`${name}.variance`] = variance;
    return value;
  }
}
