import { UserError } from "../../core/errors.ts";
import { sourceOf } from "../../core/models/classifier.ts";
import type { Tensor } from "../../core/safetensors/tensor.ts";
import { encoderOf, kindOf, type Model, modelParameters, vitOf } from "./model.ts";

/** Names under which weights are given away. */
export const NAME_SETS = ["timm", "official"] as const satisfies NameSet[];
/** For whose code names are. */
export type NameSet = "timm" | "official";

/** Element types in which weights are given away. */
export const FLOATS = ["F32", "F16", "BF16"] as const satisfies FloatType[];
/** An element type in which weights are given away. */
export type FloatType = "F32" | "F16" | "BF16";
/** The largest number that an F16 holds. */
const LARGEST_HALF = 65504;

/** A model and its tensors under the names of our own files, or with the fixed ones beside. */
export interface Weights<T = Tensor> {
  /** What they are the weights of. */
  model: Model;
  /** Tensors by name. */
  tensors: ReadonlyMap<string, T>;
}

/**
 * The encoder of a model, with its positions where the file has them. The norm of the stage behind the last block becomes
 * `norm`; a classifier's norm stands behind the pooling and is none of the encoder.
 *
 * @param tensors of the model, or of any state dict that holds its encoder
 * @example A classifier without its head
 * ```ts
 * import { encoderWeights } from "@vitfreeze/vitfreeze/weights";
 * import { deepStrictEqual } from "node:assert";
 *
 * const config = { imageSize: 8, patchSize: 4, embedDim: 8, depth: 1, numHeads: 2, mlpRatio: 4, numClasses: 3 };
 * const zeros = (...shape: number[]) => ({ dtype: "F32" as const, shape, data: new Float32Array(shape.reduce((a, b) => a * b)) });
 * const tensors = new Map([["cls_token", zeros(1, 1, 8)], ["head.weight", zeros(3, 8)]]);
 * const { model, tensors: own } = encoderWeights({ model: { kind: "classifier", config }, tensors });
 * deepStrictEqual([model.kind, [...own.keys()]], ["encoder", ["cls_token"]]);
 * ```
 */
export function encoderWeights<T>({ model, tensors }: Weights<T>): Weights<T> {
  const encoder = encoderOf(model), norm = lastNorm(model, tensors);
  const names = [...modelParameters(encoder).map(({ name }) => name), "pos_embed"];
  const own = (name: string) => name.startsWith("norm.") ? norm && name.replace("norm", norm) : name;
  return {
    model: encoder,
    tensors: new Map(names.flatMap((name) => {
      const from = own(name), tensor = from && tensors.get(sourceOf(from, (each) => tensors.has(each)));
      return tensor ? [[name, tensor] as const] : [];
    })),
  };
}

/** Name of the norm behind the last block, if there is one. Of a state dict whose stages are not known it is the last one. */
function lastNorm(model: Model, tensors: ReadonlyMap<string, unknown>): string | undefined {
  const { lastNorm: own } = kindOf(model);
  if (own) return own(model.config);
  const stages = [...tensors.keys()].flatMap((name) => /^norm\.(\d+)\.weight$/.exec(name)?.[1] ?? []).map(Number);
  return stages.length > 0 ? `norm.${stages.reduce((most, stage) => Math.max(most, stage))}` : "norm";
}

/**
 * Weights under the names of other code.
 *
 * "timm": the encoder as timm's `vit_*` has it, with its positions and the norm behind the last block; of a classifier
 * everything, which is a `vit_*` with `global_pool="avg"`. "official": everything under the names of the LocalMIM and
 * ViTFreeze code, with the fixed tensors that a strict `load_state_dict` wants.
 *
 * @param file of the weights, for the error message
 * @throws {UserError} when timm's last norm is wanted and there is none, or timm does not have the model
 */
export function renamed({ model, tensors }: Weights, names: NameSet, file: string): Weights {
  if (names === "timm" && (model.kind === "linear" || !kindOf(model).vit)) {
    const what = model.kind === "linear" ? "the head of a linear probe" : `a ${model.kind} under FreezeOut's names`;
    throw new UserError(`Cannot export ${file} to timm: it is ${what}, want --names official`);
  }
  if (names === "official") return withFixed({ model, tensors });
  const { positions, layerScale, stages, swin } = vitOf(model);
  if (positions ?? layerScale) {
    throw new UserError(`Cannot export ${file} to timm: its blocks are BEiT's, want --names official`);
  }
  if (stages ?? swin) {
    const what = stages ? "convolution stages" : "windows";
    throw new UserError(`Cannot export ${file} to timm: it has ${what}, which no vit has, want --names official`);
  }
  if (model.kind === "classifier") return withFixed({ model, tensors });
  const encoder = encoderWeights({ model, tensors });
  if (!encoder.tensors.has("norm.weight")) {
    throw new UserError(`Cannot export ${file} to timm: it has no norm behind its last block, want --names official`);
  }
  return withFixed(encoder);
}

function withFixed({ model, tensors }: Weights): Weights {
  return { model, tensors: new Map([...kindOf(model).fixed(model.config), ...tensors]) };
}

/**
 * Float32 tensors as they are to be written.
 *
 * @param file of the weights, for the error message
 * @throws {UserError} when a number is too large for F16
 */
export function inDtype(
  tensors: ReadonlyMap<string, Tensor>,
  dtype: FloatType,
  file: string,
): [string, Tensor][] {
  return [...tensors].map(([name, tensor]) => {
    const large = dtype === "F16" && (tensor.data as Float32Array).find((value) => Math.abs(value) > LARGEST_HALF);
    if (large) throw new UserError(`Cannot export ${file} as F16: tensor '${name}' holds ${large}, want F32 or BF16`);
    return [name, { ...tensor, dtype }];
  });
}
