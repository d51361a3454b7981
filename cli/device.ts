import { availableParallelism } from "node:os";
import { UserError } from "../core/errors.ts";
import { ortApi, useLibrary } from "../core/engine/ort/api.ts";
import { type Card, type Device, DEVICES } from "../core/engine/ort/card.ts";
import { cudaCard } from "../core/engine/ort/cuda.ts";
import { probeCard } from "../core/engine/ort/deviceTensor.ts";
import { webGpu } from "../core/engine/ort/webGpu.ts";
import { type Flag, forbid } from "./args.ts";

/** The word that asks which devices there are. */
const LIST = "list";
const WANTED = "cpu, webgpu, cuda or cuda:N";

/** The flags that say what the compiled engine runs on. */
export const DEVICE_FLAGS = {
  device: {
    type: "string",
    value: "NAME",
    help: `what the compiled engine runs on: ${WANTED} (default cpu); ${LIST}: says what is there`,
    asked: { word: LIST, say: ({ ort }) => deviceList(ort) },
  },
  ort: {
    type: "string",
    value: "PATH",
    path: true,
    help: "with --device cuda: library of ONNX Runtime, or its folder (default $ORT_LIBRARY)",
  },
  tf32: { type: "boolean", help: "with --device cuda: products in TensorFloat-32, of 10 bits" },
} as const satisfies Record<string, Flag>;

/** What the flags ask for; nothing is loaded yet. */
export interface DeviceChoice {
  device: Device;
  /** Number of the card. */
  index: number;
  /** Path of the library. */
  ort?: string;
  tf32: boolean;
}

/**
 * Reads the flags.
 *
 * @throws {UserError} on a name that no device has, and on flags without effect
 */
export function deviceChoice({ device: text = "cpu", ort, tf32 }: Record<string, unknown>): DeviceChoice {
  const [, name, number] = /^(cpu|webgpu|cuda)(?::(\d{1,3}))?$/.exec(String(text)) ?? [];
  const device = DEVICES.find((each) => each === name);
  if (!device || number !== undefined && device !== "cuda") {
    throw new UserError(`Cannot use --device ${text}: want ${WANTED}`);
  }
  forbid(device !== "cuda" && ort !== undefined, "--ort", `--device ${device}, which takes the npm package's library`);
  forbid(device !== "cuda" && tf32 === true, "--tf32", `--device ${device}; want --device cuda`);
  return { device, index: Number(number ?? 0), ...(ort !== undefined && { ort: String(ort) }), tf32: tf32 === true };
}

/**
 * Reads the flags beside those of an engine: the eager one runs on no device of ours, a card has one thread.
 *
 * @throws {UserError} as `deviceChoice`, and on flags without effect
 */
export function engineDevice(values: Record<string, unknown>, isEager: boolean): DeviceChoice {
  for (const flag of Object.keys(DEVICE_FLAGS)) {
    forbid(isEager && values[flag] !== undefined, `--${flag}`, "the eager engine; want --engine compiled");
  }
  const choice = deviceChoice(values), isCard = choice.device !== "cpu";
  forbid(isCard && values.threads !== undefined, "--threads", `--device ${values.device}, which uses one thread`);
  return choice;
}

/**
 * The card of a choice; nothing for the processor. Its library, of the flag or of `ORT_LIBRARY`, is the process's from then on.
 *
 * @throws {UserError} when there is no library where one is named
 */
export function cardOf({ device, index, ort, tf32 }: DeviceChoice): Card | undefined {
  if (device === "cpu") return undefined;
  if (device === "webgpu") return webGpu;
  const library = libraryOf(ort);
  if (library !== undefined) useLibrary(library.path, library.name);
  return cudaCard(index, tf32);
}

/** The library that is asked for, and by what. */
function libraryOf(ort: unknown): { path: string; name: string } | undefined {
  const variable = "ORT_LIBRARY", path = Deno.env.get(variable);
  if (ort !== undefined) return { path: String(ort), name: "--ort" };
  return path ? { path, name: variable } : undefined;
}

/** The devices, each with what it is or why it is not there; a line each. All are looked for in one library. */
function deviceList(ort: unknown): string {
  const library = libraryOf(ort);
  if (library !== undefined) useLibrary(library.path, library.name);
  return DEVICES.map((device) => `${device.padEnd(7)} ${deviceLine(device, library?.path)}`).join("\n");
}

function deviceLine(device: Device, ort: string | undefined): string {
  try {
    const card = cardOf({ device, index: 0, tf32: false, ...(ort !== undefined && { ort }) }), { version } = ortApi();
    if (!card) return `ONNX Runtime ${version}, cores: ${availableParallelism()}`;
    probeCard(card);
    return `ONNX Runtime ${version}, ${card.describe() ?? "a card that it does not name"}`;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return `not there: ${error.message.replace(/^Cannot [^:]*: /, "")}`;
  }
}
