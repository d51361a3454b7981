import * as tf from "@tensorflow/tfjs-core";
import { differentiate, find } from "./differentiate.ts";
import type { Program } from "./program.ts";
import { TRACE_BACKEND, TraceBackend } from "./trace/backend.ts";
import type { TracedGraph } from "./trace/graph.ts";
import { registerTraceKernels } from "./trace/kernels.ts";

/** Prefix of a gradient's name among the outputs of a recorded training step. */
export const GRADIENT = "gradient:";

/** Prefix of a parameter's name among the inputs of a recorded program. */
export const PARAMETER = "parameter:";

/** A recording, and which of its values are the outputs. */
export interface Trace {
  graph: TracedGraph;
  outputs: Record<string, number>;
}

let backend: TraceBackend | undefined;

function traceBackend(): TraceBackend {
  if (!backend) {
    const created = backend = new TraceBackend();
    registerTraceKernels(created);
    tf.registerBackend(TRACE_BACKEND, () => created);
  }
  return backend;
}

/**
 * Records a program as a graph of tfjs kernels: its forward pass, and the backward pass to `gradients` if there are any.
 *
 * @param program what to record
 * @param gradients names of the parameters whose gradients become outputs; empty for inference
 */
export async function trace(program: Program, gradients: readonly string[]): Promise<Trace> {
  const recorder = traceBackend();
  await tf.setBackend(TRACE_BACKEND);
  recorder.reset();
  const parameters = new Map(
    program.parameters.map(({ name, shape }) => [name, recorder.input(PARAMETER + name, shape, "float32")]),
  );
  const inputs = Object.fromEntries(
    Object.entries(program.inputs).map(([name, { shape, dtype }]) => [name, recorder.input(name, shape, dtype)]),
  );
  const results = gradients.length
    ? differentiate(program, parameters, inputs, gradients)
    : { outputs: program.build((name) => find(parameters, name), inputs), gradients: {} };
  const outputs: Record<string, number> = {};
  for (const [name, tensor] of Object.entries(results.outputs)) outputs[name] = recorder.id(tensor);
  for (const [name, tensor] of Object.entries(results.gradients)) outputs[GRADIENT + name] = recorder.id(tensor);
  return { graph: recorder.graph, outputs };
}
