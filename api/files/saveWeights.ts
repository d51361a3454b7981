import { shortPath, writeWhole } from "../../cli/files.ts";
import { writeSafetensors } from "../../core/safetensors/write.ts";
import { weightsMetadata } from "../../training/checkpoint/weightsFile.ts";
import {
  FLOATS,
  type FloatType,
  inDtype,
  NAME_SETS,
  type NameSet,
  renamed,
  type Weights,
} from "../../training/weights/convert.ts";
import { UserError } from "../../core/errors.ts";

/** For whom weights are written. */
export interface ExportOptions {
  /**
   * "timm" unless given: the encoder as timm's `vit_*` has it, of a classifier everything. "official": everything under the names
   * of the LocalMIM and ViTFreeze code.
   */
  names?: NameSet;
  /** "F32" unless given. */
  dtype?: FloatType;
}

/**
 * Writes weights as a safetensors file of our own, which `loadWeights` and every command read: it tells its model.
 *
 * The file is written whole or not at all; one of that name is replaced.
 *
 * @throws {UserError} when it cannot be written, or its name does not end in .safetensors
 * @example
 * ```ts
 * import { loadWeights, saveWeights, type Weights } from "@vitfreeze/vitfreeze/weights";
 * import { deepStrictEqual } from "node:assert";
 *
 * const config = { imageSize: 32, patchSize: 8, embedDim: 12, pool: "mean", depth: 1, numHeads: 3, mlpRatio: 4, numClasses: 2 };
 * const weights: Weights = {
 *   model: { kind: "linear", config },
 *   tensors: new Map([
 *     ["head.0.running_mean", { dtype: "F32", shape: [12], data: new Float32Array(12) }],
 *     ["head.0.running_var", { dtype: "F32", shape: [12], data: new Float32Array(12).fill(1) }],
 *     ["head.1.weight", { dtype: "F32", shape: [2, 12], data: Float32Array.from({ length: 24 }, (_, i) => i) }],
 *     ["head.1.bias", { dtype: "F32", shape: [2], data: Float32Array.of(-1, 1) }],
 *   ]),
 * };
 * const folder = await Deno.makeTempDir();
 * await saveWeights(`${folder}/head.safetensors`, weights);
 * const { model, tensors } = await loadWeights(`${folder}/head.safetensors`);
 * deepStrictEqual(model, weights.model);
 * deepStrictEqual(tensors.get("head.1.weight")!.data, weights.tensors.get("head.1.weight")!.data);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function saveWeights(path: string, { model, tensors }: Weights): Promise<void> {
  checkName(path);
  await writeWhole(path, writeSafetensors(tensors, weightsMetadata(model)));
}

/**
 * Writes weights as a safetensors file under the names that other code wants.
 *
 * @param path the file to write
 * @param weights of a pre-training, a fine-tuning or an encoder
 * @throws {UserError} when timm does not have the model, a number is too large for F16, or the file cannot be written
 * @example An encoder for timm, in half precision
 * ```ts
 * import { exportWeights, readSafetensors } from "@vitfreeze/vitfreeze/weights";
 * import { pretrain } from "@vitfreeze/vitfreeze/train";
 * import { proceduralDataset } from "@vitfreeze/vitfreeze/datasets";
 * import { deepStrictEqual } from "node:assert";
 *
 * const data = proceduralDataset({ seed: 0, train: 8, test: 8, size: 32 });
 * const model = { imageSize: 32, embedDim: 12, decoderDim: 8, decoderHeads: 2 };
 * const { weights } = await pretrain({ data, model, epochs: 1, batch: 8 });
 *
 * const folder = await Deno.makeTempDir();
 * await exportWeights(`${folder}/vit.safetensors`, weights, { names: "timm", dtype: "F16" });
 * const { tensors } = readSafetensors(await Deno.readFile(`${folder}/vit.safetensors`));
 * deepStrictEqual(tensors.get("pos_embed")!.shape, [1, 17, 12]); // 4 x 4 patches and the class token
 * deepStrictEqual(tensors.get("blocks.11.attn.qkv.weight")!.dtype, "F16");
 * deepStrictEqual([...tensors.keys()].filter((name) => name.startsWith("decoder")), []);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function exportWeights(path: string, weights: Weights, options: ExportOptions = {}): Promise<void> {
  const { names = "timm", dtype = "F32" } = options, file = shortPath(path);
  checkName(path);
  if (!NAME_SETS.includes(names)) throw new UserError(`Cannot use names ${names}: want ${NAME_SETS.join(" or ")}`);
  if (!FLOATS.includes(dtype)) throw new UserError(`Cannot use dtype ${dtype}: want ${FLOATS.join(" or ")}`);
  const given = renamed(weights, names, file);
  await writeWhole(
    path,
    writeSafetensors(inDtype(given.tensors, dtype, file), { ...weightsMetadata(given.model), names }),
  );
}

function checkName(path: string): void {
  if (!path.endsWith(".safetensors")) {
    throw new UserError(`Cannot write ${path}: want a name that ends in .safetensors`);
  }
}
