import type { Arena } from "./arena.ts";
import type { Program, Step } from "./program.ts";

/** What an engine says of itself in a results file. */
export interface EngineInfo {
  /** Which of the two engines. */
  name: "compiled" | "eager";
  /** What computes: "onnxruntime-cpu", or the name of a tfjs backend. */
  backend: string;
  /** Version of the library that computes. */
  version: string;
  /** Threads that compute one step. */
  threads: number;
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
  /** Prepares the forward pass alone. */
  infer(program: Program, arena: Arena): Promise<Step>;
}
