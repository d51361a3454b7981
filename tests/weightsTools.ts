import { type ParameterSpec, sizeOf } from "../core/engine/program.ts";
import type { ClassifierConfig } from "../core/models/classifier.ts";
import type { VitConfig } from "../core/models/config.ts";
import type { Tensor } from "../core/safetensors/tensor.ts";
import { writeSafetensors } from "../core/safetensors/write.ts";
import { type Phase, phaseKey, type PhaseKind, plainPhase } from "../records/phase.ts";
import { weightsMetadata } from "../training/checkpoint/weightsFile.ts";
import { renamed } from "../training/weights/convert.ts";
import { type Model, modelParameters } from "../training/weights/model.ts";
import type { StoredTensor } from "../training/weights/tensors.ts";
import { normals, TINY } from "./engineTools.ts";

const { imageSize, patchSize, embedDim, depth, numHeads, mlpRatio } = TINY;
export const VIT: VitConfig = { imageSize, patchSize, embedDim, depth, numHeads, mlpRatio };
export const localmim: Model = { kind: "localmim", config: TINY };
export const CLASSIFIER: ClassifierConfig = { ...VIT, numClasses: 5 };
export const classifier: Model = { kind: "classifier", config: CLASSIFIER };
export const linear: Model = { kind: "linear", config: { ...CLASSIFIER, pool: "mean" } };
export const encoder: Model = { kind: "encoder", config: VIT };

/** Random weights of a model. */
export function weights(model: Model, parameters: ParameterSpec[] = modelParameters(model)): Map<string, Tensor> {
  return new Map(
    parameters.map(({ name, shape }, i) =>
      [name, { dtype: "F32", shape, data: normals(sizeOf(shape), 7 + i).map((value) => value * 0.1) }] as const
    ),
  );
}

export function stored(tensors: ReadonlyMap<string, Tensor>): Map<string, StoredTensor> {
  return new Map([...tensors].map(([name, { dtype, shape, data }]) => [name, { dtype, shape, read: () => data }]));
}

/** A state dict in official names with some tensors changed; undefined takes one away. */
export function official(model: Model, changes: Record<string, Tensor | undefined> = {}): Map<string, StoredTensor> {
  const tensors = new Map(renamed({ model, tensors: weights(model) }, "official", "a").tensors);
  for (const [name, tensor] of Object.entries(changes)) {
    if (tensor) tensors.set(name, tensor);
    else tensors.delete(name);
  }
  return stored(tensors);
}

export const ones = (...shape: number[]): Tensor => ({
  dtype: "F32",
  shape,
  data: new Float32Array(sizeOf(shape)).fill(1),
});

/** A file as a run leaves it. */
export function ownFile(model: Model, tensors = weights(model), prefix = ""): Uint8Array {
  return writeSafetensors(
    [...tensors].map(([name, tensor]) => [`${prefix}${name}`, tensor] as const),
    weightsMetadata(model),
  );
}

/** Makes the folder of a phase with the files of weights that it kept; gives the folder's name. */
export async function leavePhase(
  root: string,
  kind: PhaseKind,
  kept: Record<number, Uint8Array>,
  config: Record<string, number> = {},
): Promise<string> {
  const phase: Phase = { kind, seed: 0, data: { source: "images", classes: null, train: null }, config };
  const name = `${kind}-localmim-${phaseKey(phase).slice(0, 12)}`;
  await Deno.mkdir(`${root}/${name}`);
  await Deno.writeTextFile(`${root}/${name}/phase.json`, JSON.stringify({ phase: plainPhase(phase), data: "" }));
  for (const [epochs, bytes] of Object.entries(kept)) {
    await Deno.writeFile(`${root}/${name}/weights-${epochs}.safetensors`, bytes);
  }
  return name;
}
