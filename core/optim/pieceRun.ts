import { encodeModel } from "../engine/onnx/encode.ts";
import type { OnnxGraph } from "../engine/onnx/model.ts";
import { OrtBinding } from "../engine/ort/binding.ts";
import { copyTensors, DeviceTensor, onDevice } from "../engine/ort/deviceTensor.ts";
import { usedCard } from "../engine/ort/card.ts";
import { OrtSession, OrtTensor } from "../engine/ort/session.ts";
import type { OrtValue } from "../engine/ort/value.ts";
import { OWNER, written } from "./updateGraph.ts";

/** A few numbers that change from run to run: written on the host, read on the device. */
class Setting {
  readonly host: OrtTensor;
  readonly device: DeviceTensor;
  readonly values: Float32Array<ArrayBuffer>;

  constructor(shape: number[]) {
    this.values = new Float32Array(shape[0]);
    this.host = new OrtTensor(this.values, shape);
    this.device = onDevice(this.values, shape);
  }

  dispose(): void {
    this.host.dispose();
    this.device.dispose();
  }
}

/** A graph that works in place on what lies on the device. */
export class PieceRun {
  readonly #session: OrtSession;
  readonly #binding: OrtBinding;
  readonly #settings = new Map<string, Setting>();
  readonly #owners: DeviceTensor[] = [];

  /**
   * @param graph its inputs are places, owners of rows, and settings
   * @param places where what it reads and writes lies, by name
   * @param owners for each piece, the tensor of each row
   */
  constructor(
    graph: OnnxGraph,
    places: ReadonlyMap<string, OrtValue>,
    owners: readonly Int32Array<ArrayBuffer>[],
  ) {
    this.#session = new OrtSession(encodeModel(graph), { threads: 1, card: usedCard() });
    const inputs = new Map<string, OrtValue>(), outputs = new Map<string, OrtValue>();
    for (const { name, shape } of graph.inputs) {
      inputs.set(
        name,
        places.get(name) ?? (OWNER.is(name) ? this.#owner(owners[OWNER.piece(name)]) : this.#setting(name, shape)),
      );
    }
    for (const { name } of graph.outputs) outputs.set(name, places.get(written.of(name))!);
    this.#binding = new OrtBinding(this.#session, inputs, outputs);
  }

  #owner(of: Int32Array<ArrayBuffer>): DeviceTensor {
    const tensor = onDevice(of, [of.length]);
    this.#owners.push(tensor);
    return tensor;
  }

  #setting(name: string, shape: number[]): DeviceTensor {
    const setting = new Setting(shape);
    this.#settings.set(name, setting);
    return setting.device;
  }

  /** Hands the work to the device, with these settings. */
  begin(settings: Record<string, ArrayLike<number>>): void {
    const all = [...this.#settings];
    for (const [name, { values }] of all) values.set(settings[name]);
    copyTensors(all.map(([, { host }]) => host), all.map(([, { device }]) => device));
    this.#binding.begin();
  }

  /** Waits until the device has done all that it was handed: what it reads comes back to the host. */
  wait(): void {
    const [any] = this.#settings.values();
    copyTensors([any.device], [any.host]);
  }

  dispose(): void {
    this.#binding.dispose();
    for (const held of [...this.#settings.values(), ...this.#owners]) held.dispose();
    this.#session.dispose();
  }
}
