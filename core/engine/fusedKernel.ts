import * as tf from "@tensorflow/tfjs-core";

/** Whether the current backend has one of the fused kernels that only the compiled engine offers. */
export function hasKernel(name: string): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined;
}

/** Calls a kernel that only the compiled engine offers; its outputs. */
export function runFused(
  name: string,
  inputs: Record<string, tf.Tensor>,
  attributes: Record<string, number> = {},
): tf.Tensor[] {
  const result: unknown = tf.engine().runKernel(name, inputs as unknown as tf.NamedTensorMap, attributes);
  return (Array.isArray(result) ? result : [result]) as tf.Tensor[];
}

/** The gradient of a function of tensors, one for each input. */
export type Gradient = (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor[];
/** Keeps tensors for the gradient. */
export type Save = (tensors: tf.Tensor[]) => void;

/**
 * A function of tensors with a gradient of its own, which tfjs types for one output and any inputs.
 *
 * @param forward computes the value from the inputs; what it saves is handed to its `gradFunc`
 */
export function withGradient(
  inputs: tf.Tensor[],
  forward: (save: Save, ...inputs: tf.Tensor[]) => { value: tf.Tensor; gradFunc: Gradient },
): tf.Tensor {
  const custom = tf.customGrad((...args) => {
    const save = args.pop() as unknown as Save;
    return forward(save, ...args as tf.Tensor[]) as unknown as { value: tf.Tensor; gradFunc: () => tf.Tensor[] };
  });
  return custom(...inputs);
}
