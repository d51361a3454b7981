import { shortPath } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { isConvNet } from "../../core/models/convnet/inferNet.ts";
import { encoderWeights, type Weights } from "./convert.ts";
import type { Adapted } from "./families/family.ts";
import { familyOf } from "./families/mod.ts";
import { inferModel, type Inferred, type ModelOptions } from "./inferModel.ts";
import { matchModel } from "./matchModel.ts";
import { kindOf, type Model, modelOf } from "./model.ts";
import { checkFinite } from "./finite.ts";
import { openWeights, weightsOf } from "./source.ts";
import type { DictChoice } from "./torch/stateDict.ts";
import type { StoredTensor } from "./tensors.ts";

/** How a file of weights is to be read. */
export interface LoadOptions extends ModelOptions {
  /** Takes the encoder and leaves everything else out. */
  encoderOnly?: boolean;
  /** Takes numbers that are not finite, too. */
  allowNan?: boolean;
  /** Which of several state dicts of a torch file is meant. */
  dict?: DictChoice;
}

/** The weights of a file. */
export interface LoadedWeights extends Weights {
  /** SHA-256 of the whole file, in hexadecimal. */
  sha256: string;
  /** What was set aside on the way to the weights, in words. */
  notes: string[];
  /** What shapes do not tell and was taken for granted, as flags of `weights:import`. */
  assumed: string[];
  /** Tensors of the file that were left out: beside the encoder, or such that nothing trains. */
  leftOut: number;
}

/**
 * Reads weights: of our own, timm's or the official code's, in a safetensors file or a zip file of `torch.save`.
 *
 * A file of our own says what its model is; of another one names and shapes tell, and the options say the rest.
 *
 * @throws {UserError} when the file cannot be read, is of no known model, or an option has no effect
 * @example The encoder of a file of timm's names, which do not tell the heads
 * ```ts
 * import { loadWeights, writeSafetensors } from "@vitfreeze/vitfreeze/weights";
 * import { deepStrictEqual } from "node:assert";
 *
 * const shapes: Record<string, number[]> = { cls_token: [1, 1, 8], "patch_embed.proj.weight": [8, 3, 4, 4], "patch_embed.proj.bias": [8] };
 * for (const name of ["norm1", "norm2"]) for (const part of ["weight", "bias"]) shapes[`blocks.0.${name}.${part}`] = [8];
 * for (const [name, out, width] of [["attn.qkv", 24, 8], ["attn.proj", 8, 8], ["mlp.fc1", 32, 8], ["mlp.fc2", 8, 32]] as const) {
 *   shapes[`blocks.0.${name}.weight`] = [out, width];
 *   shapes[`blocks.0.${name}.bias`] = [out];
 * }
 * const tensor = (shape: number[]) => ({ dtype: "F32" as const, shape, data: new Float32Array(shape.reduce((a, b) => a * b)) });
 * const folder = await Deno.makeTempDir(), file = `${folder}/vit.safetensors`;
 * await Deno.writeFile(file, writeSafetensors(Object.entries(shapes).map(([name, shape]) => [name, tensor(shape)])));
 * const { model } = await loadWeights(file, { heads: 2, imageSize: 8 });
 * deepStrictEqual(model, {
 *   kind: "encoder",
 *   config: { imageSize: 8, patchSize: 4, embedDim: 8, depth: 1, numHeads: 2, mlpRatio: 4 },
 * });
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function loadWeights(path: string, options: LoadOptions = {}): Promise<LoadedWeights> {
  const { encoderOnly = false, allowNan = false, dict, ...shape } = options, file = shortPath(path);
  const source = await openWeights(path, dict),
    found = weightsOf(source),
    isOwn = modelOf(source.metadata, file) !== undefined;
  const { tensors, notes } = isOwn ? { tensors: found.tensors, notes: [] } : adapted(found.tensors, file, allowNan);
  const { model: whole, assumed } = modelFor(tensors, source.metadata, { file, shape, encoderOnly });
  const wanted = encoderOnly ? encoderWeights({ model: whole, tensors }) : { model: whole, tensors };
  const taken = matchModel(wanted.tensors, wanted.model, file), leftOut = tensors.size - taken.size;
  if (!allowNan) checkFinite(taken, file);
  const learned = wanted.model.kind === "encoder" && taken.has("pos_embed") ? ["positions: learned ones, kept"] : [];
  const none = !isOwn && hasFixedPositions(wanted.model) && !tensors.has("pos_embed")
    ? ["positions: none in the file, so the fixed ones of sines"]
    : [];
  const all = [...found.notes, ...notes, ...learned, ...none];
  return { model: wanted.model, tensors: taken, sha256: source.sha256, notes: all, assumed, leftOut };
}

/** Whether a model adds positions to its tokens, by sines where no others are known. */
function hasFixedPositions(model: Model): boolean {
  const vit = kindOf(model).vit?.(model.config);
  return vit !== undefined && vit.positions !== "relative" && !vit.swin;
}

/** The tensors of an encoder from elsewhere as the one here has them; those of a convolutional net are the same here. */
function adapted(tensors: ReadonlyMap<string, StoredTensor>, file: string, allowNan: boolean): Adapted {
  return isConvNet(tensors) ? { tensors, notes: [] } : familyOf(tensors).adapt(tensors, file, allowNan);
}

/** The model of a file: what its metadata say, or else what its shapes tell. */
function modelFor(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Record<string, string>,
  { file, shape, encoderOnly }: { file: string; shape: ModelOptions; encoderOnly: boolean },
): Inferred {
  const model = modelOf(metadata, file);
  if (!model) return inferModel(tensors, shape, file, encoderOnly);
  const idle = Object.entries(shape).find(([, value]) => value !== undefined);
  if (!idle) return { model, assumed: [] };
  const flag = idle[0].replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new UserError(`Cannot use --${flag}: ${file} says itself what its model is, want the flag left away`);
}
