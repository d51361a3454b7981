import { writeWhole } from "../../cli/files.ts";
import { writeSafetensors } from "../../core/safetensors/write.ts";
import { weightsMetadata } from "../../training/checkpoint/weightsFile.ts";
import { type FLOATS, inDtype, type NameSet, renamed, type Weights } from "../../training/weights/convert.ts";

/** How weights are written. */
export interface SaveWeightsOptions {
  /**
   * Our own unless given. "timm": the encoder as `vit_*` has it, of a classifier everything; "official": everything under
   * the names of the LocalMIM and ViTFreeze code.
   */
  names?: NameSet;
  /** Element type; "F32" unless given. */
  dtype?: typeof FLOATS[number];
}

/**
 * Writes weights as a safetensors file, whole or not at all. `readWeights` reads it, whatever the names.
 *
 * @throws {UserError} when the weights do not have what the names want, a number is too large for F16, or the file cannot
 *   be written
 */
export async function saveWeights(
  path: string,
  weights: Weights,
  { names, dtype = "F32" }: SaveWeightsOptions = {},
): Promise<void> {
  const { model, tensors } = names ? renamed(weights, names, path) : weights;
  const metadata = { ...weightsMetadata(model), ...names && { names } };
  await writeWhole(path, writeSafetensors(inDtype(tensors, dtype, path), metadata));
}
