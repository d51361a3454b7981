import { shortPath } from "../../cli/files.ts";
import { Arena } from "../../core/engine/arena.ts";
import { type TeacherModel, teacherSpecs } from "../../core/models/teacher.ts";
import type { Tensor } from "../../core/safetensors/tensor.ts";
import { IMAGENET_MEAN, IMAGENET_STD } from "../../datasets/transforms/normalize.ts";
import { checkFinite } from "../weights/finite.ts";
import { loadWeights } from "../weights/load.ts";
import { vitOf } from "../weights/model.ts";
import { openWeights } from "../weights/source.ts";
import { clipTeacher, isClip } from "./clip.ts";
import type { Teacher } from "./teacher.ts";

/**
 * Reads a teacher: CLIP's image encoder under OpenAI's names, or any vision transformer that `weights:import` reads, from its own
 * files as from others; of these the features are those behind the last norm where the file has one.
 *
 * @throws {UserError} when the file cannot be read, lacks a tensor, or holds numbers that are not finite
 */
export async function readTeacher(path: string): Promise<Teacher> {
  const file = shortPath(path), source = await openWeights(path);
  const { model, tensors } = isClip(source.tensors) ? clipTeacher(source.tensors, file) : await plainTeacher(path);
  const specs = teacherSpecs(model), arena = new Arena(specs, 1);
  const all = specs.map(({ name, shape }) =>
    [name, { dtype: "F32", shape, data: tensors.get(name)! } satisfies Tensor] as const
  );
  checkFinite(new Map(all), file);
  for (const [name, { data }] of all) arena.view(name).set(data);
  return { file, sha256: source.sha256, model, arena };
}

async function plainTeacher(path: string): Promise<{ model: TeacherModel; tensors: Map<string, Float32Array> }> {
  const { model, tensors } = await loadWeights(path, { encoderOnly: true });
  return {
    model: {
      ...vitOf(model),
      activation: "gelu",
      eps: 1e-6,
      learned: tensors.has("pos_embed"),
      normBefore: false,
      normAfter: tensors.has("norm.weight"),
      mean: IMAGENET_MEAN,
      std: IMAGENET_STD,
    },
    tensors: new Map([...tensors].map(([name, { data }]) => [name, data as Float32Array])),
  };
}
