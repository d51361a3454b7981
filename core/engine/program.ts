import type { Tensor } from "@tensorflow/tfjs-core";

/** Element types that cross the border between the host and an engine. */
export type DType = "float32" | "int32";

/** Shape and element type of one input. */
export interface InputSpec {
  shape: number[];
  dtype: DType;
}

/** Name and shape of one trainable tensor; the name is that of the official checkpoint. */
export interface ParameterSpec {
  /** Name in the official checkpoint. */
  name: string;
  /** Row-major. */
  shape: number[];
}

/** Finds a parameter's tensor by its name in the checkpoint. */
export type Parameters = (name: string) => Tensor;

/**
 * A computation written once in the tfjs op API, with fixed shapes. It owns no weights: they are handed in.
 *
 * `build` must be free of side effects and deterministic: the compiled engine runs it once to record the graph, the
 * eager engine runs it at every step.
 */
export interface Program {
  /** The parameters that `build` reads. */
  parameters: ParameterSpec[];
  inputs: Record<string, InputSpec>;
  /** Builds the named outputs. A program that is to be trained has a scalar output `loss`. */
  build(parameters: Parameters, inputs: Record<string, Tensor>): Record<string, Tensor>;
}

/** The values of a program's inputs for one run, flat and row-major. */
export type Feeds = Record<string, Float32Array | Int32Array>;

/** The values of a program's outputs after one run, flat and row-major. */
export type Outputs = Record<string, Float32Array>;

/** A program made ready to run on one engine. */
export interface Step {
  /**
   * Runs the program once. A training step also leaves every requested gradient in the arena, or on the device where the arena's
   * weights train.
   *
   * The returned arrays belong to the step: they are overwritten by its next run.
   */
  run(feeds: Feeds): Promise<Outputs>;
  /** Takes weights that were changed in the arena since an inference step was made; where it reads them there, nothing is to do. */
  reread(): void;
  /** Frees what the engine holds for this step. */
  dispose(): void;
}

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Number of elements of all parameters. */
export function countOf(parameters: readonly ParameterSpec[]): number {
  return parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** Fails with a RangeError unless every input is there, and has the length its shape asks for. */
export function checkFeeds(inputs: Record<string, InputSpec>, feeds: Feeds): void {
  for (const [name, spec] of Object.entries(inputs)) {
    const found = feeds[name]?.length ?? "none";
    if (found !== sizeOf(spec.shape)) {
      throw new RangeError(`Cannot run the step: input '${name}' has ${found} values, want [${spec.shape}]`);
    }
  }
}
