/**
 * Weights in files: {@link saveWeights} writes them under our own, timm's or the official names, {@link readWeights} reads them
 * again.
 *
 * @module
 */
export { UserError } from "../core/errors.ts";
export type { Tensor } from "../core/safetensors/tensor.ts";
export { readSafetensors } from "../core/safetensors/read.ts";
export { writeSafetensors } from "../core/safetensors/write.ts";
export type { Model } from "../training/weights/model.ts";
export type { NameSet, Weights } from "../training/weights/convert.ts";
export { readWeights } from "./weights/read.ts";
export { saveWeights, type SaveWeightsOptions } from "./weights/save.ts";
