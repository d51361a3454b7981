import { forbid, type Parsed } from "../../cli/args.ts";
import { type DeviceChoice, engineDevice } from "../../cli/device.ts";
import { wholeFlag } from "../../cli/wholeFlag.ts";
import { UserError } from "../../core/errors.ts";

/** What computes. */
export interface EngineOptions {
  engine: "compiled" | "eager";
  backend: string;
  /** What the compiled engine runs on. */
  device: DeviceChoice;
  /** Threads of the compiled engine; without it those that the phases were begun with, or the machine's cores. */
  threads?: number;
}

/** @throws {UserError} on an engine that is not there, and on flags of the other one */
export function engineOptions(values: Parsed["values"]): EngineOptions {
  const { engine, backend, threads } = values as Record<string, string | undefined>;
  if (engine !== "compiled" && engine !== "eager") {
    throw new UserError(`Cannot use --engine ${engine}: want compiled or eager`);
  }
  forbid(engine === "compiled" && backend !== undefined, "--backend", "the compiled engine; want --engine eager");
  forbid(engine === "eager" && threads !== undefined, "--threads", "the eager engine; want --engine compiled");
  return {
    engine,
    backend: backend ?? "cpu",
    device: engineDevice(values, engine === "eager"),
    ...(threads !== undefined && { threads: wholeFlag("threads", threads, 1, 1024) }),
  };
}
