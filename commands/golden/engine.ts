import { CompiledEngine } from "../../core/engine/compiled.ts";
import type { Device } from "../../core/engine/ort/device.ts";

let chosen: Device = "cpu";

/** Has all checks of this process run on a device. */
export function useDevice(device: Device): void {
  chosen = device;
}

/** The engine that trains, on one thread, or on the chosen device. */
export function trainingEngine(): CompiledEngine {
  return new CompiledEngine(1, undefined, chosen);
}
