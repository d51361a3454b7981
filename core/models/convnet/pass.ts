import * as tf from "@tensorflow/tfjs-core";
import { batchNorm, conv2d, type ConvOptions, runningNorm } from "../../engine/convOps.ts";
import { linear } from "../../engine/ops.ts";
import type { Parameters } from "../../engine/program.ts";
import { runningNames } from "./convNet.ts";
import type { Module } from "./modules.ts";

/** How norms are computed: all by running statistics, or those of layers from `firstLive` on by the batch's own. */
export type Mode = "inference" | { firstLive: number };

/** One pass through a network: its modules by name, each in the mode of its layer. */
export class Pass {
  /** Statistics of the batch, by the names of the program's outputs. */
  readonly statistics: Record<string, tf.Tensor> = {};
  readonly #layers: Map<string, number>;

  constructor(readonly p: Parameters, modules: readonly Module[], readonly mode: Mode) {
    this.#layers = new Map(modules.map(({ name, layer }) => [name, layer]));
  }

  /** A convolution without bias, [N, C, H, W] to [N, O, H', W']; `add` is added to the result. */
  conv(name: string, x: tf.Tensor, options: ConvOptions = {}, add?: tf.Tensor): tf.Tensor {
    return conv2d(x, this.p(`${name}.weight`), options, add);
  }

  /** Batch norm of [N, C] or [N, C, H, W], and ReLU behind it where `relu`. */
  norm(name: string, x: tf.Tensor, relu = false): tf.Tensor {
    const weight = this.p(`${name}.weight`), bias = this.p(`${name}.bias`);
    if (this.mode === "inference" || this.#layers.get(name)! < this.mode.firstLive) {
      const running = runningNames(name);
      return runningNorm(
        x,
        weight,
        bias,
        { mean: this.p(running.mean), variance: this.p(running.variance) },
        { relu },
      );
    }
    const { value, mean, variance } = batchNorm(x, weight, bias, { relu });
    this.statistics[`${name}.mean`] = mean;
    this.statistics[`${name}.variance`] = variance;
    return value;
  }

  /** A fully connected layer, [N, in] to [N, out]. */
  linear(name: string, x: tf.Tensor): tf.Tensor {
    return linear(x, this.p(`${name}.weight`), this.p(`${name}.bias`));
  }
}
