// Registers the gradients of all kernels, which tfjs-core leaves out and offers in no form that Deno loads.
import "@tensorflow/tfjs-layers";
import * as tf from "@tensorflow/tfjs-core";
import type { Program } from "./program.ts";

/** What a training step computes: the program's outputs, and one gradient per requested parameter. */
export interface Differentiated {
  outputs: Record<string, tf.Tensor>;
  gradients: Record<string, tf.Tensor>;
}

/**
 * Builds a program and the gradients of its `loss`, on whatever tfjs backend is current.
 *
 * @param program what to build
 * @param parameters tensors of all its parameters by name
 * @param inputs tensors of its inputs by name
 * @param wanted names of the parameters to differentiate by; only paths from them to the loss are differentiated
 */
export function differentiate(
  program: Program,
  parameters: Map<string, tf.Tensor>,
  inputs: Record<string, tf.Tensor>,
  wanted: readonly string[],
): Differentiated {
  const outputs: Record<string, tf.Tensor> = {};
  const loss = (...live: tf.Tensor[]) => {
    const byName = new Map(wanted.map((name, i) => [name, live[i]]));
    const built = program.build((name) => byName.get(name) ?? find(parameters, name), inputs);
    for (const [name, tensor] of Object.entries(built)) outputs[name] = tf.keep(tensor);
    return built.loss as tf.Scalar;
  };
  const { grads } = tf.valueAndGrads(loss)(wanted.map((name) => find(parameters, name)));
  return { outputs, gradients: Object.fromEntries(wanted.map((name, i) => [name, grads[i]])) };
}

/** The tensor of a parameter, or an error that names it. */
export function find(parameters: Map<string, tf.Tensor>, name: string): tf.Tensor {
  const tensor = parameters.get(name);
  if (!tensor) throw new RangeError(`Cannot build the program: it does not declare the parameter '${name}' it reads`);
  return tensor;
}
