import * as tf from "@tensorflow/tfjs-core";
import type { Attributes, TracedGraph, TracedValue } from "./graph.ts";

/** Name under which the recording backend is registered with tfjs. */
export const TRACE_BACKEND = "trace";

/** The element that a constant repeats, or undefined when its elements differ. */
function uniformElement(values: ArrayLike<number>): number | undefined {
  for (let i = 1; i < values.length; i++) if (values[i] !== values[0]) return undefined;
  return values.length ? Number(values[0]) : undefined;
}

/**
 * A tfjs backend that computes nothing and writes down every kernel call.
 *
 * tfjs's own autodiff runs on top of it, so the recording holds forward and backward of whatever was called.
 */
export class TraceBackend extends tf.KernelBackend {
  graph: TracedGraph = { values: [], nodes: [] };
  #ids = new WeakMap<object, number>();

  /** Starts a new recording. */
  reset(): void {
    this.graph = { values: [], nodes: [] };
    this.#ids = new WeakMap();
  }

  /** Declares an input of the program. */
  input(name: string, shape: number[], dtype: tf.DataType): tf.Tensor {
    return tf.engine().makeTensorFromTensorInfo(this.#add({ shape: [...shape], dtype, input: name }), this);
  }

  /** Index of a recorded tensor in the graph. */
  id(tensor: tf.TensorInfo): number {
    const id = this.#ids.get(tensor.dataId);
    if (id === undefined) throw new Error("Cannot trace a tensor that was made outside the recording");
    return id;
  }

  /** Writes down one kernel call and returns its (unknown) results. */
  record(
    kernel: string,
    inputs: Record<string, tf.TensorInfo | tf.TensorInfo[]>,
    attributes: Attributes,
    outputs: { shape: number[]; dtype: tf.DataType }[],
  ): tf.TensorInfo[] {
    const ids: Record<string, number | number[]> = {};
    for (const [key, value] of Object.entries(inputs)) {
      if (Array.isArray(value)) ids[key] = value.map((tensor) => this.id(tensor));
      else if (value) ids[key] = this.id(value);
    }
    const infos = outputs.map(({ shape, dtype }) => this.#add({ shape: [...shape], dtype }));
    this.graph.nodes.push({ kernel, inputs: ids, attributes, outputs: infos.map((info) => this.id(info)) });
    return infos;
  }

  #add(value: TracedValue): tf.TensorInfo {
    const dataId = {};
    this.#ids.set(dataId, this.graph.values.length);
    this.graph.values.push(value);
    return { dataId, shape: [...value.shape], dtype: value.dtype };
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): object {
    const data = values as ArrayLike<number>;
    return this.#add({ shape: [...shape], dtype, data, uniform: uniformElement(data) }).dataId;
  }

  override move(dataId: object, values: tf.BackendValues, shape: number[], dtype: tf.DataType): void {
    const copy = this.write(values, shape, dtype);
    this.#ids.set(dataId, this.#ids.get(copy)!);
  }

  override readSync(dataId: object): tf.BackendValues {
    const data = this.graph.values[this.#ids.get(dataId)!].data;
    if (!data) throw new Error("Cannot read a traced tensor: it has no value before the step runs");
    return data as tf.BackendValues;
  }

  override read(dataId: object): Promise<tf.BackendValues> {
    return Promise.resolve(this.readSync(dataId));
  }

  override incRef(): void {}
  decRef(): void {}
  override disposeData(): boolean {
    return true;
  }
  override refCount(): number {
    return 1;
  }
  override numDataIds(): number {
    return this.graph.values.length;
  }
  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }
  override floatPrecision(): 16 | 32 {
    return 32;
  }
  override epsilon(): number {
    return 1e-7;
  }
  override dispose(): void {}
}
