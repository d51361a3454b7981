import { type Flag, forbid, numberFlag, type Parsed } from "../../cli/args.ts";
import { DEVICE_FLAGS, engineDevice } from "../../cli/device.ts";
import { wholeFlag } from "../../cli/wholeFlag.ts";
import { UserError } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";

const ENGINES = ["compiled", "eager"];

/** Flags of `deno task repro` that a grid passes on to every process as they are. */
export const PASSED: Record<string, Flag> = {
  data: {
    type: "string",
    value: "PATH",
    path: "named",
    help: "images of every phase, or NAME=PATH; may be repeated",
    multiple: true,
  },
  "skip-bad": { type: "boolean", help: "leave unreadable images out" },
  engine: { type: "string", value: "NAME", help: "compiled or eager" },
  backend: { type: "string", value: "NAME", help: "tfjs backend of the eager engine" },
  ...DEVICE_FLAGS,
  // What is there says deno task repro --device; a grid itself loads no library.
  device: {
    type: "string",
    value: "NAME",
    help: "what the compiled engine of each process runs on: cpu, webgpu, cuda or cuda:N",
  },
  threads: { type: "string", value: "N", help: "threads of each process (default: the cores, divided by --jobs)" },
  every: { type: "string", value: "MIN", help: "minutes between two checkpoints" },
  keep: { type: "string", value: "N", help: "checkpoints that stay" },
  "any-code": { type: "boolean", help: "accept checkpoints of another version of the code" },
};

/**
 * The words that are passed on.
 *
 * @throws {UserError} on a value that `deno task repro` would refuse
 */
export function passedWords(values: Parsed["values"]): string[] {
  const { engine = "compiled", backend, threads, every, keep, data = [] } = values, eager = engine === "eager";
  if (!ENGINES.includes(String(engine))) {
    throw new UserError(
      `Cannot use --engine ${engine}: want ${ENGINES.join(" or ")}${nearest(String(engine), ENGINES)}`,
    );
  }
  forbid(!eager && backend !== undefined, "--backend", "the compiled engine; want --engine eager");
  forbid(eager && threads !== undefined, "--threads", "the eager engine; want --engine compiled");
  engineDevice(values, eager);
  if (threads !== undefined) wholeFlag("threads", threads, 1, 1024);
  if (keep !== undefined) wholeFlag("keep", keep, 1, 1e9);
  if (every !== undefined) numberFlag("every", every, (n) => n >= 0, "a number of minutes of at least 0");
  for (const path of data as string[]) {
    if (/^([\w-]+=)?$/.test(path)) throw new UserError(`Cannot use --data '${path}': want a path`);
  }
  return Object.keys(PASSED).flatMap((name) => {
    const value = values[name];
    if (value === undefined) return [];
    if (value === true) return [`--${name}`];
    return [value].flat().flatMap((each) => [`--${name}`, String(each)]);
  });
}
