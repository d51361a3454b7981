import type { Arena } from "./arena.ts";
import type { Program, Step } from "./program.ts";
import type { ResidentWeights } from "./resident/residentWeights.ts";

/** What an engine says of itself in a results file. */
export interface EngineInfo {
  /** Which of the two engines. */
  name: "compiled" | "eager";
  /** What computes: "onnxruntime-" with "cpu", "webgpu", "cuda" or "cuda-tf32", or the name of a tfjs backend. */
  backend: string;
  /** Version of the library that computes. */
  version: string;
  /** Threads that compute one step. */
  threads: number;
  /** The card, where it runs on one: name and driver. */
  adapter?: string;
}

/** Turns programs into steps. The only two implementations are {@link CompiledEngine} and {@link EagerEngine}. */
export interface Engine {
  readonly info: EngineInfo;
  /**
   * Prepares forward and backward of `loss`.
   *
   * @param program what to run; its output `loss` is differentiated
   * @param arena where the parameters are read and the gradients are left
   * @param gradients names of the parameters whose gradients are wanted. Nothing upstream of the first of them is
   *   differentiated, and its activations are not kept: this is what cuts the backward pass of a frozen prefix.
   */
  train(program: Program, arena: Arena, gradients: readonly string[]): Promise<Step>;
  /**
   * Has the weights of an arena train on a device, as long as what is given back is not disposed of: gradients then stay there,
   * for the optimiser that works on it. Nothing where they train in the arena.
   *
   * @param sums whether gradients are summed over passes
   */
  resident?(arena: Arena, sums: boolean): ResidentWeights | undefined;
  /** Prepares the forward pass alone, with the weights as they are now; see `Step.reread`. */
  infer(program: Program, arena: Arena): Promise<Step>;
}
