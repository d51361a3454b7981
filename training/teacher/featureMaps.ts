import { join } from "node:path";
import { exists, openPlain, readWhole, reason, shortPath, writeWhole } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { sizeOf } from "../../core/engine/program.ts";
import { gridSize } from "../../core/models/config.ts";
import { ALONE } from "../../core/parallel/ranks.ts";
import { codecs } from "../../core/safetensors/codec.ts";
import { sha256 } from "../../core/sha256.ts";
import { readSafetensors } from "../../core/safetensors/read.ts";
import type { Tensor } from "../../core/safetensors/tensor.ts";
import { layoutSafetensors, writeSafetensors } from "../../core/safetensors/write.ts";
import { canonicalJson } from "../../records/canonical.ts";
import type { GivenTargets } from "../givenTargets.ts";
import type { Work } from "../work.ts";
import { computeFeatures } from "./computeFeatures.ts";
import { cropFeatures } from "./cropFeatures.ts";
import type { Teacher, TeacherFeatures } from "./teacher.ts";

/** Features of whole images, on disk. */
export interface FeatureMaps extends GivenTargets {
  /** Patches per side. */
  grid: number;
  /** Those of an image of the split, [grid, grid, dim]. */
  read(index: number): Promise<Float32Array>;
}

/** Counts up when the same teacher and images would give other features, or they would lie otherwise. */
const VERSION = 1;
/** Images of a file. */
const SHARD = 256;
const TENSOR = "features";

/**
 * Features of all training images by a teacher, each computed once and kept, as F16: those that lie in the folder are not computed
 * again, in this run or in another. A file holds 256 images and is written whole or not at all.
 *
 * @throws {UserError} when a file cannot be read or written, or is not as it was written
 */
export async function openFeatures(
  teacher: TeacherFeatures,
  work: Pick<Work, "dataset" | "engine" | "monitor" | "ranks">,
): Promise<FeatureMaps> {
  const { dataset: { train }, ranks = ALONE } = work, { model } = teacher, grid = gridSize(model.model);
  const folder = join(teacher.folder, keyOf(model, work.dataset)), shape = [grid, grid, model.model.embedDim];
  const shards: Shard[] = Array.from({ length: Math.ceil(train.length / SHARD) }, (_, k) => {
    const first = k * SHARD, count = Math.min(SHARD, train.length - first);
    const path = join(folder, `${String(first).padStart(8, "0")}.safetensors`);
    return { path, first, count, shape: [count, ...shape] };
  });
  if (ranks.rank > 0) await ranks.wait("the features of the teacher");
  const missing: Shard[] = [];
  for (const shard of shards) if (!await exists(shard.path)) missing.push(shard);
  if (missing.length > 0) {
    const ofShards = computeFeatures(teacher, missing, work);
    for await (const { values, shard } of ofShards) {
      const tensor: Tensor = { dtype: "F16", shape: shard.shape, data: values };
      await writeWhole(shard.path, writeSafetensors([[TENSOR, tensor]], { sha256: hashOf(values) }));
    }
  }
  if (ranks.rank === 0) await ranks.wait("the features of the teacher");
  for (const shard of shards) await checkShard(shard);
  const each = sizeOf(shape), starts = shards.map(startOf);
  const read = async (index: number) => {
    const k = Math.floor(index / SHARD), { path, first } = shards[k];
    const bytes = await readPart(path, starts[k] + (index - first) * each * 2, each * 2);
    return codecs.F16.decode(bytes.buffer, 0, each) as Float32Array;
  };
  return { grid, read, of: async (crop) => cropFeatures(await read(crop.index), grid, crop) };
}

/** What decides the features: teacher, images, and how they are computed and kept. */
function keyOf({ sha256: teacher }: Teacher, { sha256: data, classes, train, skipped }: Work["dataset"]): string {
  const images = { data, classes, train: train.length, skipped };
  return sha256(canonicalJson({ version: VERSION, teacher, images })).slice(0, 16);
}

/** A file of features. */
interface Shard {
  path: string;
  first: number;
  count: number;
  /** [count, grid, grid, dim] */
  shape: number[];
}

/** SHA-256 of features as they are kept. */
function hashOf(values: Float32Array): string {
  return sha256(new Uint8Array(Float16Array.from(values).buffer));
}

/** Byte at which the features begin. */
function startOf({ shape }: Shard): number {
  return layoutSafetensors([[TENSOR, { dtype: "F16", shape }]], { sha256: "0".repeat(64) }).header.length;
}

/** Makes sure that a file holds what was written. */
async function checkShard({ path, shape }: Shard): Promise<void> {
  const name = shortPath(path), { tensors, metadata } = readSafetensors(await readWhole(path), name);
  const found = tensors.get(TENSOR);
  if (found?.dtype === "F16" && String(found.shape) === String(shape)) {
    if (hashOf(found.data as Float32Array) === metadata.sha256) return;
  }
  throw new UserError(`Cannot use ${name}: it is not what was written; want it removed, then it is computed again`);
}

async function readPart(path: string, offset: number, count: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(count);
  try {
    using file = await openPlain(path);
    await file.seek(offset, Deno.SeekMode.Start);
    for (let at = 0; at < count;) {
      const read = await file.read(bytes.subarray(at));
      if (read === null) throw new Error("it became shorter");
      at += read;
    }
    return bytes;
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`Cannot read ${shortPath(path)}: ${reason(error)}`);
  }
}
