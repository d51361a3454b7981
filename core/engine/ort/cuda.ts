import { dirname } from "node:path";
import { UserError } from "../../errors.ts";
import { cStrings, libraryPath, ortApi } from "./api.ts";
import type { Card } from "./card.ts";
import type { OrtValue } from "./value.ts";

const P = "pointer", B = "buffer";
/** The part of CUDA's runtime that copies and tells of cards; the provider wants the same library. */
const RUNTIME = {
  cudaDeviceSynchronize: { parameters: [], result: "i32" },
  cudaSetDevice: { parameters: ["i32"], result: "i32" },
  cudaMemGetInfo: { parameters: [B, B], result: "i32" },
  cudaMemcpy: { parameters: [P, P, "usize", "i32"], result: "i32" },
  cudaGetDeviceProperties: { parameters: [B, "i32"], result: "i32" },
  cudaDriverGetVersion: { parameters: [B], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;
type Runtime = Deno.DynamicLibrary<typeof RUNTIME>["symbols"];

/** Names of the runtime's library, the newest first. */
const RUNTIMES = ["libcudart.so.13", "libcudart.so.12"];
/** cudaMemcpyDefault: addresses tell which is the card's. */
const EITHER_WAY = 4;
/** Bytes that cudaDeviceProp takes at most; a card's name is its first 256. */
const PROPERTIES = 4096, NAME = 256;

let runtime: Runtime | undefined;

/**
 * A card by CUDA: the CPU's graph, on ONNX Runtime's CUDA library.
 *
 * @param index of the card
 * @param tf32 whether products are computed in TensorFloat-32, of 10 bits
 */
export function cudaCard(index: number, tf32: boolean): Card {
  return {
    device: "cuda",
    title: tf32 ? "cuda-tf32" : "cuda",
    memory: "Cuda",
    index,
    fused: true,
    strict: false,
    append(options) {
      const api = ortApi(),
        keys = cStrings(["device_id", "use_tf32"]),
        values = cStrings([`${index}`, tf32 ? "1" : "0"]);
      try {
        const own = api.create((out) => api.call("CreateCUDAProviderOptions", out));
        try {
          api.call("UpdateCUDAProviderOptions", own, keys.list, values.list, BigInt(keys.list.length));
          api.call("SessionOptionsAppendExecutionProvider_CUDA_V2", options, own);
        } finally {
          api.call("ReleaseCUDAProviderOptions", own);
        }
      } catch (error) {
        throw cudaError(error);
      }
    },
    copy(from, to) {
      const { cudaMemcpy, cudaSetDevice, cudaDeviceSynchronize } = openRuntime();
      cudaSetDevice(index);
      from.forEach((value, k) => {
        const code = cudaMemcpy(place(to[k]), place(value), BigInt(value.bytes), EITHER_WAY);
        if (code !== 0) throw new Error(`cudaMemcpy failed with code ${code}`);
      });
      // A copy from the host may return before it is done, and the library computes on a stream that does not wait for it.
      const code = cudaDeviceSynchronize();
      if (code !== 0) throw new Error(`cudaDeviceSynchronize failed with code ${code}`);
    },
    memoryBytes() {
      const { cudaSetDevice, cudaMemGetInfo } = openRuntime(),
        free = new BigUint64Array(1),
        all = new BigUint64Array(1);
      return cudaSetDevice(index) === 0 && cudaMemGetInfo(free, all) === 0 ? Number(free[0]) : undefined;
    },
    describe() {
      const { cudaGetDeviceProperties, cudaDriverGetVersion } = openRuntime();
      const properties = new Uint8Array(PROPERTIES), version = new Int32Array(1);
      if (cudaGetDeviceProperties(properties, index) !== 0 || cudaDriverGetVersion(version) !== 0) return undefined;
      const letters = properties.subarray(0, NAME),
        name = new TextDecoder().decode(letters.subarray(0, letters.indexOf(0)));
      return `${name}, CUDA ${Math.floor(version[0] / 1000)}.${version[0] % 1000 / 10}`;
    },
  };
}

/** Where a tensor's numbers lie. */
function place(value: OrtValue): Deno.PointerObject {
  return ortApi().create((out) => ortApi().call("GetTensorMutableData", value.pointer, out));
}

function openRuntime(): Runtime {
  if (runtime) return runtime;
  for (const name of RUNTIMES) {
    try {
      return runtime = Deno.dlopen(name, RUNTIME).symbols;
    } catch {
      // The other version may be there.
    }
  }
  throw new UserError(
    `Cannot use --device cuda: found none of ${RUNTIMES.join(", ")}, want CUDA's libraries on LD_LIBRARY_PATH`,
  );
}

/** What is missing for CUDA, in a line. */
function cudaError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { message } = error, { version } = ortApi(), folder = dirname(libraryPath());
  const library = `ONNX Runtime ${version} in ${folder}`;
  const [, missing] =
    /(?:load library|dlopen|error:)?\s*(lib[\w.-]+\.so[\w.]*): cannot open shared object file/.exec(message) ?? [];
  if (missing?.startsWith("libonnxruntime_providers")) {
    return new UserError(
      `Cannot use --device cuda: ${library} has no ${missing} beside it; want --ort PATH with a library that has one, ` +
        "such as the folder of the Python package onnxruntime-gpu",
    );
  }
  if (missing !== undefined) {
    return new UserError(
      `Cannot use --device cuda: ${library} wants ${missing}, which is not there; want its folder on LD_LIBRARY_PATH`,
    );
  }
  if (/not (enabled|supported|available)|CUDA execution provider is not/i.test(message)) {
    return new UserError(
      `Cannot use --device cuda: ${library} was built without it; want --ort PATH with one that was, such as the folder of the Python package onnxruntime-gpu`,
    );
  }
  return new UserError(`Cannot use --device cuda: ${message.replace(/\s+/g, " ").slice(0, 300)}`);
}
