import { UserError } from "../../errors.ts";
import { cString, cStrings, libraryPath, ortApi } from "./api.ts";
import { type Card, noAdapter } from "./card.ts";
import { addresses } from "./value.ts";
import { vulkanAdapter } from "./vulkan.ts";

/** The first library whose WebGPU provider computes all products right: 1.27 gets some wrong without a word. */
const OLDEST = [1, 30];
/** The level of a library's own lines from which on they are printed. */
const FATAL = 4;
/** Values outlive the last session; without that, using one would abort the process. */
const OPTIONS = { preserveDevice: "1" };

/** A card by WebGPU, which the npm package's library holds. */
export const webGpu: Card = {
  device: "webgpu",
  title: "webgpu",
  memory: "WebGPU_Buffer",
  index: 0,
  fused: false,
  strict: true,
  append(options) {
    const api = appendProvider(options);
    // What it finds is said in one line of ours.
    api.call("SetSessionLogSeverityLevel", options, FATAL);
    api.call("AddSessionConfigEntry", options, cString("session.disable_cpu_ep_fallback"), cString("1"));
  },
  copy(from, to) {
    const api = ortApi();
    api.call("CopyTensors", api.env, addresses(from), addresses(to), null, BigInt(from.length));
  },
  describe: () => vulkanAdapter()?.name,
  memoryBytes: () => vulkanAdapter()?.memory,
};

/** Has a session that is no use but to tell what WebGPU has no kernel for run on it as far as it can. */
export function appendLoosely(options: Deno.PointerObject): void {
  const api = appendProvider(options);
  api.call("AddSessionConfigEntry", options, cString("session.record_ep_graph_assignment_info"), cString("1"));
}

function appendProvider(options: Deno.PointerObject) {
  const api = ortApi(), [major, minor] = api.version.split(".").map(Number);
  if (major < OLDEST[0] || major === OLDEST[0] && minor < OLDEST[1]) {
    throw new UserError(
      `Cannot use --device webgpu with ONNX Runtime ${api.version}: want ${OLDEST.join(".")} or newer`,
    );
  }
  // Without it the library would print lines of its own.
  if (Deno.build.os === "linux" && !vulkanAdapter()) throw noAdapter();
  const keys = cStrings(Object.keys(OPTIONS)), values = cStrings(Object.values(OPTIONS));
  try {
    const count = BigInt(keys.list.length);
    api.call("SessionOptionsAppendExecutionProvider", options, cString("WebGPU"), keys.list, values.list, count);
  } catch (error) {
    if (!(error instanceof Error) || !/not (supported|enabled)|unknown provider/i.test(error.message)) throw error;
    throw new UserError(
      `Cannot use --device webgpu: ONNX Runtime ${api.version} in ${libraryPath()} was built without it`,
    );
  }
  return api;
}

/** Operators of a session's nodes that the CPU has to run, and how many there are; of a session that was appended loosely. */
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
