/**
 * Weights from and to files: {@link loadWeights} reads our own, timm's and the official code's, {@link saveWeights} writes our
 * own, {@link exportWeights} writes for timm and the official code.
 *
 * It needs `--allow-read` and `--allow-write` for the files.
 *
 * @module
 */
export { UserError } from "../core/errors.ts";
export { readSafetensors } from "../core/safetensors/read.ts";
export { writeSafetensors } from "../core/safetensors/write.ts";
export type { Dtype, SafetensorsFile, Tensor, TensorData } from "../core/safetensors/tensor.ts";
export type { ModelOptions } from "../training/weights/inferModel.ts";
export type { DecoderOptions } from "../core/methods/official.ts";
export type { EncoderOptions } from "../training/weights/families/family.ts";
export { encoderWeights, type FloatType, type NameSet, type Weights } from "../training/weights/convert.ts";
export { type LoadedWeights, type LoadOptions, loadWeights } from "../training/weights/load.ts";
export type { DictChoice } from "../training/weights/torch/stateDict.ts";
export { type Model, modelText } from "../training/weights/model.ts";
export { type ExportOptions, exportWeights, saveWeights } from "./files/saveWeights.ts";
