import { sizeOf } from "../program.ts";
import { encodeModel } from "../onnx/encode.ts";
import type { OnnxGraph } from "../onnx/model.ts";
import { cString, ortApi } from "./api.ts";
import { assertIdle } from "./turn.ts";
import { type Card, cardError, usedCard } from "./card.ts";
import { OrtSession, OrtTensor } from "./session.ts";
import { ELEMENT_TYPE, extentsOf, type OrtValue } from "./value.ts";

/** A graph of one node: a session of it is the way to the device's memory. */
const SMALL: OnnxGraph = {
  nodes: [{ op: "Sqrt", domain: "", inputs: ["x"], outputs: ["y"], attributes: {} }],
  initializers: [],
  inputs: [{ name: "x", dtype: "float32", shape: [1] }],
  outputs: [{ name: "y", dtype: "float32", shape: [1] }],
};

/**
 * Tries a card, without choosing it for this process.
 *
 * @throws {UserError} when it is not there
 */
export function probeCard(card: Card): void {
  new OrtSession(encodeModel(SMALL), { threads: 1, card }).dispose();
}

let allocator: Deno.PointerObject | undefined;

/**
 * What makes tensors on the device. The session behind it stays as long as the process, and with it the device.
 *
 * @throws {UserError} when there is no device
 */
function deviceAllocator(): Deno.PointerObject {
  if (allocator) return allocator;
  const api = ortApi(), card = usedCard(), session = new OrtSession(encodeModel(SMALL), { threads: 1, card });
  const DEVICE_ALLOCATOR = 0, DEFAULT = 0;
  const memory = api.create((out) =>
    api.call("CreateMemoryInfo", cString(card.memory), DEVICE_ALLOCATOR, card.index, DEFAULT, out)
  );
  allocator = api.create((out) => api.call("CreateAllocator", session.pointer, memory, out));
  api.call("ReleaseMemoryInfo", memory);
  return allocator;
}

/** A tensor in the device's memory. */
export class DeviceTensor implements OrtValue {
  readonly pointer: Deno.PointerObject;

  /**
   * @param shape extents; the numbers are whatever lies there
   * @throws {UserError} when there is no device
   */
  constructor(readonly shape: readonly number[], readonly dtype: "float32" | "int32" = "float32") {
    const api = ortApi(), from = deviceAllocator(), rank = BigInt(shape.length);
    this.pointer = api.create((out) =>
      api.call("CreateTensorAsOrtValue", from, extentsOf(shape), rank, ELEMENT_TYPE[dtype], out)
    );
  }

  /** Bytes of its numbers. */
  get bytes(): number {
    return 4 * sizeOf(this.shape);
  }

  /** Fills it with numbers of the host. */
  upload(data: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>): void {
    const host = new OrtTensor(data, this.shape);
    copyTensors([host], [this]);
    host.dispose();
  }

  /** Its numbers, once all that was asked of the device before is done. */
  download(data: Float32Array<ArrayBuffer>): void {
    const host = new OrtTensor(data, this.shape);
    copyTensors([this], [host]);
    host.dispose();
  }

  dispose(): void {
    ortApi().call("ReleaseValue", this.pointer);
  }
}

/** A device tensor with these numbers. */
export function onDevice(
  data: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>,
  shape: readonly number[],
): DeviceTensor {
  const tensor = new DeviceTensor(shape, data instanceof Float32Array ? "float32" : "int32");
  tensor.upload(data);
  return tensor;
}

/** Copies tensors, each to its counterpart, from host to device or back. */
export function copyTensors(from: readonly OrtValue[], to: readonly OrtValue[]): void {
  assertIdle();
  try {
    usedCard().copy(from, to);
  } catch (error) {
    throw cardError(error);
  }
}
