import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { UserError } from "../../errors.ts";
import { LIBRARIES, platformFolders } from "./platform.ts";

/** Version of the C API that is asked for. Its table only grows: what lies behind its end is there in the library that is installed. */
const ORT_API_VERSION = 17;

const P = "pointer", B = "buffer", N = "usize", I = "i32";

/** Slots of OrtApi, in the order of onnxruntime_c_api.h, with the types of their arguments. */
const SLOTS = {
  GetErrorMessage: [2, [P], P],
  CreateEnv: [3, [I, B, B], P],
  DisableTelemetryEvents: [6, [P], P],
  CreateSessionFromArray: [8, [P, B, N, P, B], P],
  CreateSessionOptions: [10, [B], P],
  EnableProfiling: [14, [P, B], P],
  DisableMemPattern: [17, [P], P],
  SetSessionLogSeverityLevel: [22, [P, I], P],
  SetIntraOpNumThreads: [24, [P, I], P],
  SetInterOpNumThreads: [25, [P, I], P],
  CreateTensorAsOrtValue: [48, [P, B, N, I, B], P],
  CreateTensorWithDataAsOrtValue: [49, [P, B, N, B, N, I, B], P],
  GetTensorMutableData: [51, [P, B], P],
  CreateMemoryInfo: [68, [B, I, I, I, B], P],
  CreateCpuMemoryInfo: [69, [I, I, B], P],
  ReleaseStatus: [93, [P], "void"],
  ReleaseMemoryInfo: [94, [P], "void"],
  ReleaseSession: [95, [P], "void"],
  ReleaseValue: [96, [P], "void"],
  ReleaseSessionOptions: [100, [P], "void"],
  AddSessionConfigEntry: [130, [P, B, B], P],
  CreateAllocator: [131, [P, P, B], P],
  RunWithBinding: [133, [P, P, P], P],
  CreateIoBinding: [134, [P, B], P],
  ReleaseIoBinding: [135, [P], "void"],
  BindInput: [136, [P, B, P], P],
  BindOutput: [137, [P, B, P], P],
  SessionOptionsAppendExecutionProvider_CUDA_V2: [204, [P, P], P],
  CreateCUDAProviderOptions: [205, [B], P],
  UpdateCUDAProviderOptions: [206, [P, B, B, N], P],
  ReleaseCUDAProviderOptions: [208, [P], "void"],
  SessionOptionsAppendExecutionProvider: [216, [P, B, B, B, N], P],
  CopyTensors: [386, [P, B, B, P, N], P],
  Session_GetEpGraphAssignmentInfo: [407, [P, B, B], P],
  EpAssignedSubgraph_GetNodes: [409, [P, B, B], P],
  EpAssignedNode_GetOperatorType: [412, [P, B], P],
} as const satisfies Record<string, readonly [number, readonly Deno.NativeType[], Deno.NativeResultType]>;

/** Slots and arguments of what takes long, and runs on a thread of its own. */
const RUNS = { Run: [9, [P, P, B, B, N, B, N, B]], RunWithBinding: [133, [P, P, P]] } as const satisfies Record<
  string,
  readonly [number, readonly Deno.NativeType[]]
>;

type Argument = Deno.PointerValue | BufferSource | bigint | number | null;
type Slot = keyof typeof SLOTS;
type RunSlot = keyof typeof RUNS;

let chosen: string | undefined;

/**
 * Has this process load another library of ONNX Runtime than the npm package's, before it loads one.
 *
 * @param path of the library, or of a folder that holds it: also that of the Python package, which keeps it in capi/
 * @param name of what says so, for messages
 * @throws {UserError} when there is none
 * @throws {RangeError} when another one is loaded already
 */
export function useLibrary(path: string, name = "--ort"): void {
  const found = [path, join(path, "capi"), join(path, "onnxruntime", "capi")].flatMap(librariesAt);
  if (found.length === 0) {
    throw new UserError(
      `Cannot use ${name} ${path}: found no library of ONNX Runtime there, want its path or its folder`,
    );
  }
  if (shared && found[0] !== libraryPath()) {
    throw new RangeError(`Cannot load ${found[0]}: this process has loaded another one`);
  }
  chosen = found[0];
}

/** Libraries of ONNX Runtime at a path: itself, or what lies in it, the plainest name first. */
function librariesAt(path: string): string[] {
  const isLibrary = (name: string) => /^(lib)?onnxruntime(\.so[\d.]*|[\d.]*\.dylib|\.dll)$/.test(name);
  try {
    if (Deno.statSync(path).isFile) return isLibrary(basename(path)) ? [path] : [];
    const names = [...Deno.readDirSync(path)].map(({ name }) => name).filter(isLibrary);
    return names.sort((a, b) => a.length - b.length).map((name) => join(path, name));
  } catch {
    return [];
  }
}

/** Where the library is: as chosen, else where the npm package keeps it for this platform. */
export function libraryPath(): string {
  if (chosen !== undefined) return chosen;
  const names: Record<string, string> = {
    linux: "libonnxruntime.so.1",
    darwin: "libonnxruntime.1.dylib",
    windows: "onnxruntime.dll",
  };
  const folders = platformFolders();
  if (!folders || folders.join("/") === "darwin/x64") {
    throw new UserError(
      `Cannot start the compiled engine: onnxruntime-node has no library for ${Deno.build.os} ${Deno.build.arch}, ` +
        "want linux or windows on x64 or arm64, or macOS on arm64; --engine eager runs anywhere",
    );
  }
  const root = dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json"));
  return join(root, LIBRARIES, ...folders, names[Deno.build.os]);
}

/** The C API of ONNX Runtime, bound by FFI so that tensors stay in the caller's memory. */
export class OrtApi {
  /** Version of the library, e.g. "1.30.0". */
  readonly version: string;
  readonly env: Deno.PointerValue;
  readonly cpuMemory: Deno.PointerValue;
  readonly #functions = new Map<Slot, (...args: Argument[]) => unknown>();
  readonly #runs = new Map<RunSlot, (...args: Argument[]) => Promise<Deno.PointerValue>>();

  constructor() {
    // Read by the library when it is loaded: its telemetry client is never created.
    Deno.env.set("ORT_DISABLE_TELEMETRY", "1");
    const library = Deno.dlopen(libraryPath(), { OrtGetApiBase: { parameters: [], result: "pointer" } });
    const base = new Deno.UnsafePointerView(library.symbols.OrtGetApiBase()!);
    const getApi = new Deno.UnsafeFnPointer(base.getPointer(0)!, { parameters: ["u32"], result: "pointer" } as const);
    const getVersion = new Deno.UnsafeFnPointer(base.getPointer(8)!, { parameters: [], result: "pointer" } as const);
    this.version = Deno.UnsafePointerView.getCString(getVersion.call()!);
    const table = getApi.call(ORT_API_VERSION);
    if (!table) {
      throw new UserError(
        `Cannot start ONNX Runtime ${this.version}: it does not serve C API version ${ORT_API_VERSION}`,
      );
    }
    const view = new Deno.UnsafePointerView(table);
    for (const [name, [index, parameters, result]] of Object.entries(SLOTS)) {
      const pointer = new Deno.UnsafeFnPointer(view.getPointer(index * 8)!, { parameters: [...parameters], result });
      this.#functions.set(name as Slot, (...args) => pointer.call(...args as never));
    }
    for (const [name, [index, parameters]] of Object.entries(RUNS)) {
      const definition = { parameters: [...parameters], result: P, nonblocking: true } as const;
      const pointer = new Deno.UnsafeFnPointer(view.getPointer(index * 8)!, definition);
      this.#runs.set(name as RunSlot, (...args) => pointer.call(...args as Parameters<typeof pointer.call>));
    }
    const ERROR_LEVEL = 3;
    this.env = this.create((out) => this.call("CreateEnv", ERROR_LEVEL, cString("vitfreeze"), out));
    this.call("DisableTelemetryEvents", this.env);
    const ARENA_ALLOCATOR = 1, DEFAULT_MEMORY = 0;
    this.cpuMemory = this.create((out) => this.call("CreateCpuMemoryInfo", ARENA_ALLOCATOR, DEFAULT_MEMORY, out));
  }

  /** Calls a function of the table; an OrtStatus that reports failure becomes an Error. */
  call(slot: Slot, ...args: Argument[]): void {
    this.#check(slot, this.#functions.get(slot)!(...args) as Deno.PointerValue | undefined);
  }

  /** Runs a session on a thread of its own, while this one loads the next images. What it is given must stay alive. */
  async run(slot: RunSlot, ...args: Argument[]): Promise<void> {
    this.#check(slot, await this.#runs.get(slot)!(...args));
  }

  #check(slot: string, status: Deno.PointerValue | undefined): void {
    if (!status) return;
    const message = Deno.UnsafePointerView.getCString(
      this.#functions.get("GetErrorMessage")!(status) as Deno.PointerObject,
    );
    this.#functions.get("ReleaseStatus")!(status);
    throw new Error(`ONNX Runtime ${slot}: ${message}`);
  }

  /** Calls a function whose last argument receives a pointer, and returns that pointer. */
  create(make: (out: BigUint64Array<ArrayBuffer>) => void): Deno.PointerObject {
    const out = new BigUint64Array(1);
    make(out);
    return Deno.UnsafePointer.create(out[0])!;
  }
}

/** A zero-terminated UTF-8 string. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text + "\0");
}

/** Strings as a list in C; they have to stay alive as long as the list. */
export function cStrings(texts: readonly string[]): { list: BigUint64Array<ArrayBuffer>; strings: Uint8Array[] } {
  const strings = texts.map(cString);
  const list = strings.map((bytes) => BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes))));
  return { list: new BigUint64Array(list), strings };
}

let shared: OrtApi | undefined;

/** The library, loaded on first use and once per process. */
export function ortApi(): OrtApi {
  return shared ??= new OrtApi();
}
