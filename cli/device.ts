import { availableParallelism } from "node:os";
import { UserError } from "../core/errors.ts";
import { ortApi } from "../core/engine/ort/api.ts";
import { type Device, DEVICES } from "../core/engine/ort/device.ts";
import { DeviceTensor } from "../core/engine/ort/deviceTensor.ts";
import { vulkanAdapter } from "../core/engine/ort/vulkan.ts";
import type { Flag } from "./args.ts";

/** What asks which devices there are. */
const LIST = "list";

/** The flag that says what the compiled engine runs on. */
export const DEVICE_FLAG: Flag = {
  type: "string",
  value: "NAME",
  help: `what the compiled engine runs on: ${DEVICES.join(" or ")} (default cpu); ${LIST}: says what is there`,
};

/**
 * Reads the flag.
 *
 * @throws {UserError} on a name that no device has
 */
export function deviceFlag(text: string | undefined): Device {
  const found = DEVICES.find((name) => name === (text ?? "cpu"));
  if (found) return found;
  throw new UserError(`Cannot use --device ${text}: want ${DEVICES.join(" or ")}`);
}

/** Whether a command line asks which devices there are: `--device list`, or `--device` with nothing behind it. */
export function asksForDevices(args: readonly string[]): boolean {
  return args.some((word, k) => {
    if (word === `--device=${LIST}`) return true;
    const next = args[k + 1];
    return word === "--device" && (next === undefined || next === LIST || next.startsWith("-"));
  });
}

/** The devices, each with what it is or why it is not there, a line each. */
export function deviceList(): string {
  const lines: Record<Device, () => string> = {
    cpu: () => `ONNX Runtime ${ortApi().version}, cores: ${availableParallelism()}`,
    webgpu: () => {
      new DeviceTensor([1]).dispose();
      return `ONNX Runtime ${ortApi().version}, ${vulkanAdapter()?.name ?? "a card that it does not name"}`;
    },
  };
  return DEVICES.map((device) => {
    try {
      return `${device.padEnd(7)} ${lines[device]()}`;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return `${device.padEnd(7)} not there: ${error.message.replace(/^Cannot [^:]*: /, "")}`;
    }
  }).join("\n");
}
