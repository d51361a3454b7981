import { UserError } from "../../errors.ts";
import { cString, ortApi } from "./api.ts";
import { vulkanAdapter } from "./vulkan.ts";

/** What a session runs on: the processor, or a graphics card by WebGPU, which the npm package's library holds. */
export type Device = "cpu" | "webgpu";
/** All devices. */
export const DEVICES = ["cpu", "webgpu"] as const satisfies Device[];

/** The first library whose WebGPU provider computes all products right: 1.27 gets some wrong without a word. */
const OLDEST = [1, 30];
/** The level of a library's own lines from which on they are printed. */
const FATAL = 4;
/** Values outlive the last session; without that, using one would abort the process. */
const OPTIONS = { preserveDevice: "1" };

/**
 * Has a session run on WebGPU, every node of it.
 *
 * @param strict whether making the session fails where a node would be left to the CPU; otherwise it can tell which are
 * @throws {UserError} when the library is too old for that
 */
export function appendWebGpu(options: Deno.PointerObject, strict: boolean): void {
  const api = ortApi(), [major, minor] = api.version.split(".").map(Number);
  if (major < OLDEST[0] || major === OLDEST[0] && minor < OLDEST[1]) {
    throw new UserError(
      `Cannot use --device webgpu with ONNX Runtime ${api.version}: want ${OLDEST.join(".")} or newer`,
    );
  }
  // Without it the library would print lines of its own.
  if (Deno.build.os === "linux" && !vulkanAdapter()) throw noAdapter();
  const texts = (all: string[]) => all.map(cString);
  const list = (strings: Uint8Array<ArrayBuffer>[]) =>
    new BigUint64Array(strings.map((bytes) => BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes)))));
  const keys = texts(Object.keys(OPTIONS)), values = texts(Object.values(OPTIONS)), count = BigInt(keys.length);
  api.call("SessionOptionsAppendExecutionProvider", options, cString("WebGPU"), list(keys), list(values), count);
  // What it finds is said in one line of ours.
  if (strict) api.call("SetSessionLogSeverityLevel", options, FATAL);
  const entry = strict ? "session.disable_cpu_ep_fallback" : "session.record_ep_graph_assignment_info";
  api.call("AddSessionConfigEntry", options, cString(entry), cString("1"));
}

/** Operators of a session's nodes that the CPU has to run, and how many there are; of a session that is not strict. */
export function leftToCpu(session: Deno.PointerObject): Map<string, number> {
  const api = ortApi(), found = new Map<string, number>();
  const all = (slot: Parameters<typeof api.call>[0], of: Deno.PointerObject) => {
    const list = new BigUint64Array(1), count = new BigUint64Array(1);
    api.call(slot, of, list, count);
    const view = list[0] === 0n ? undefined : new Deno.UnsafePointerView(Deno.UnsafePointer.create(list[0])!);
    return Array.from({ length: Number(count[0]) }, (_, k) => view!.getPointer(8 * k)!);
  };
  for (const part of all("Session_GetEpGraphAssignmentInfo", session)) {
    for (const node of all("EpAssignedSubgraph_GetNodes", part)) {
      const name = api.create((out) => api.call("EpAssignedNode_GetOperatorType", node, out));
      const operator = Deno.UnsafePointerView.getCString(name);
      found.set(operator, (found.get(operator) ?? 0) + 1);
    }
  }
  return found;
}

/** Whether making a session failed because a node would be left to the CPU. */
export function isLeft(error: unknown): boolean {
  return error instanceof Error && /fallback to CPU EP/.test(error.message);
}

/** What is wrong with a device, in a line; an error that says nothing of it stays as it is. */
export function deviceError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (/adapter/i.test(error.message)) return noAdapter();
  const [, wanted, limit] = /Buffer size \(?(\d+)\)? exceeds the max buffer size limit \(?(\d+)/.exec(error.message) ??
    [];
  if (wanted !== undefined) {
    return new UserError(
      `Cannot use --device webgpu: a buffer of ${wanted} bytes is wanted, it takes ${limit}; want a smaller batch or model, or --device cpu`,
    );
  }
  if (/device (was )?lost|out of memory/i.test(error.message)) {
    const [reason] = error.message.match(/device (was )?lost|out of memory/i)!;
    return new UserError(
      `Cannot go on with --device webgpu: ${reason}; the last checkpoint is whole, the same command goes on from it`,
    );
  }
  return error;
}

function noAdapter(): UserError {
  return new UserError(
    "Cannot use --device webgpu: no adapter was found; want a graphics driver with Vulkan and its loader (libvulkan.so.1)",
  );
}
