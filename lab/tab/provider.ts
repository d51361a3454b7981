import { UserError } from "../../core/errors.ts";

/** What of onnxruntime-web computes. */
export type Provider = "wasm" | "webgpu";
/** What a person asks for. */
export type Asked = "auto" | Provider;

/** A tensor on the host. */
export interface WebTensor {
  readonly data: Float32Array | Int32Array;
}

/** A session of onnxruntime-web, as far as it is used here. */
export interface WebSession {
  run(feeds: Record<string, WebTensor>): Promise<Record<string, WebTensor>>;
  release(): Promise<void>;
}

/** The module of onnxruntime-web, as far as it is used here. */
export interface WebLibrary {
  Tensor: new (type: "float32" | "int32", data: Float32Array | Int32Array, dims: readonly number[]) => WebTensor;
  InferenceSession: { create(model: Uint8Array, options: Record<string, unknown>): Promise<WebSession> };
  env: { versions: { web?: string }; logLevel: string; wasm: { numThreads: number; wasmPaths: string } };
}

/** Threads of WebAssembly, at most: more of them wait for each other at models of this size. */
const MOST_THREADS = 4;

/** What was chosen, and why not something else. */
export interface Chosen {
  library: WebLibrary;
  provider: Provider;
  threads: number;
  /** In words: "WebAssembly, 1 thread (the page is not isolated)". */
  title: string;
}

/**
 * Loads the library for what is asked for: WebGPU where the browser has it and an adapter, unless WebAssembly is asked for.
 *
 * @param base address of the folder that holds the library
 * @throws {UserError} where WebGPU is asked for and not there
 */
export async function chooseProvider(asked: Asked, base: URL): Promise<Chosen> {
  const missing = asked === "wasm" ? "" : await withoutWebGpu();
  if (asked === "webgpu" && missing !== "") throw new UserError(`Cannot use WebGPU: ${missing}; want WebAssembly`);
  const provider = asked !== "wasm" && missing === "" ? "webgpu" : "wasm", isIsolated = globalThis.crossOriginIsolated;
  const threads = isIsolated && provider === "wasm" ? Math.min(MOST_THREADS, navigator.hardwareConcurrency) : 1;
  const library = await import(new URL(`ort.${provider}.min.mjs`, base).href) as WebLibrary;
  Object.assign(library.env.wasm, { numThreads: threads, wasmPaths: base.href });
  library.env.logLevel = "error";
  const version = library.env.versions.web ?? "";
  const notes = [
    ...(asked === "auto" && missing !== "" ? [`no WebGPU: ${missing}`] : []),
    ...(isIsolated || provider === "webgpu" ? [] : ["one thread, for the page is not cross-origin isolated"]),
  ];
  const kind = provider === "webgpu" ? "WebGPU" : `WebAssembly, ${threads} ${threads === 1 ? "thread" : "threads"}`;
  return {
    library,
    provider,
    threads,
    title: `${kind}, ONNX Runtime ${version}${notes.map((note) => `; ${note}`).join("")}`,
  };
}

/** Why there is no WebGPU; nothing where there is. */
async function withoutWebGpu(): Promise<string> {
  const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<unknown> } };
  if (!gpu) return "this browser has none";
  return await gpu.requestAdapter().catch(() => null) ? "" : "this browser found no adapter";
}
