import { CompiledEngine } from "../../core/engine/compiled.ts";
import { useLibrary } from "../../core/engine/ort/api.ts";
import { UserError } from "../../core/errors.ts";
import type { Device } from "../../core/engine/ort/card.ts";
import { cudaCard } from "../../core/engine/ort/cuda.ts";
import { webGpu } from "../../core/engine/ort/webGpu.ts";
import type { Engine } from "../../core/engine/engine.ts";
import type { ImageDataset } from "../../datasets/dataset.ts";
import type { Monitor, StepReport } from "../../training/monitor.ts";
import type { Work } from "../../training/work.ts";

/** How something is run, whatever it is; all of it may be left away. */
export interface RunOptions {
  /** Names all random numbers: initial weights, order of images, crops, masks. 0 unless given. */
  seed?: number;
  /** What computes: the processor unless given, or the first graphics card by WebGPU, or by CUDA. A card takes one training at a time. */
  device?: Device;
  /** With device "cuda": path of ONNX Runtime's library, or of its folder. */
  ort?: string;
  /** Threads of ONNX Runtime; all cores unless given. Another number of them may round differently. */
  threads?: number;
  /** Stops the run before its next step; it then throws the signal's reason. */
  signal?: AbortSignal;
  /** Is told after every step: steps done and to do, loss, layers that still train, images per second. */
  onStep?: (step: StepReport) => void;
}

/** How something is run on images. */
export interface DataOptions extends RunOptions {
  /** The images, e.g. from `openDataset`, `openImageFolder` or `proceduralDataset`. */
  data: ImageDataset;
}

/** Where the loops of a run report to. */
export function monitorOf({ signal = new AbortController().signal, onStep = () => {} }: RunOptions): Monitor {
  return { signal, step: onStep };
}

/** What a phase is run with. */
export function workOf({ data, ...options }: DataOptions): Work {
  return { dataset: data, seed: options.seed ?? 0, engine: engineOf(options), monitor: monitorOf(options) };
}

/** The engine that computes: ONNX Runtime. */
export function engineOf({ device = "cpu", ort, threads }: RunOptions): Engine {
  if (ort !== undefined && device !== "cuda") throw new UserError(`Cannot use ort with device ${device}: want "cuda"`);
  if (device === "cpu") return new CompiledEngine(threads ?? navigator.hardwareConcurrency);
  if (threads !== undefined) throw new UserError(`Cannot use threads with device ${device}: it uses one`);
  if (ort !== undefined) useLibrary(ort, "ort");
  return new CompiledEngine(1, undefined, device === "webgpu" ? webGpu : cudaCard(0, false));
}
