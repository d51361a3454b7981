import { basename, dirname, join } from "node:path";
import { exists, readWhole, shortPath } from "../../../cli/files.ts";
import { UserError } from "../../../core/errors.ts";
import { POINTER } from "../../../training/checkpoint/checkpointFiles.ts";
import { weightsFile } from "../../../training/checkpoint/weightsFile.ts";

/** The files of a model: its tensors, and the record of its training if there is one. */
export interface ModelFiles {
  /** A .safetensors file. */
  weights: string;
  /** JSON of the checkpoint or of the run. */
  record?: string;
}

const PRETRAINED = weightsFile("pretrained");

/**
 * The model that a word of the command line means: a .safetensors file, the JSON of a checkpoint, or a run's folder, of
 * which the newest checkpoint of pre-training is taken, or else `pretrained.safetensors`.
 *
 * @throws {UserError} when there is none
 */
export async function locateModel(path: string): Promise<ModelFiles> {
  let folder: boolean;
  try {
    folder = (await Deno.stat(path)).isDirectory;
  } catch {
    throw new UserError(`Cannot find ${path}: want the folder of a run, or a .safetensors file of one`);
  }
  return folder ? await inFolder(path) : await ofFile(path);
}

async function inFolder(folder: string): Promise<ModelFiles> {
  const latest = await latestCheckpoint(folder);
  if (latest?.startsWith("checkpoint-pretrain-")) return await ofFile(join(folder, `${latest}.safetensors`));
  const weights = join(folder, PRETRAINED);
  if (await exists(weights)) return await ofFile(weights);
  const inside = await runsIn(folder);
  const found = inside.length > 0
    ? `it holds ${inside.join(", ")}, want one of them`
    : `want a checkpoint of pre-training or ${PRETRAINED} in it`;
  throw new UserError(`Cannot draw ${shortPath(folder)}: ${found}`);
}

/** Names of the folders inside a folder that hold something to draw, sorted. */
async function runsIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (!isDirectory) continue;
    const held = await Promise.all([PRETRAINED, POINTER].map((file) => exists(join(folder, name, file))));
    if (held.includes(true)) names.push(name);
  }
  return names.sort();
}

async function ofFile(path: string): Promise<ModelFiles> {
  const folder = dirname(path), name = basename(path);
  const weights = /^checkpoint-.*\.json$/.test(name) ? path.replace(/json$/, "safetensors") : path;
  const own = weights.replace(/safetensors$/, "json"), latest = await latestCheckpoint(folder);
  const of = basename(weights) === PRETRAINED
    ? [join(folder, "result.json"), ...(latest ? [join(folder, `${latest}.json`)] : [])]
    : own === weights
    ? []
    : [own];
  for (const record of of) if (await exists(record)) return { weights, record };
  return { weights };
}

/** The checkpoint that `latest.json` names, without an ending. */
async function latestCheckpoint(folder: string): Promise<string | undefined> {
  const path = join(folder, POINTER);
  if (!await exists(path)) return undefined;
  let name: unknown;
  try {
    name = JSON.parse(new TextDecoder().decode(await readWhole(path))).checkpoint;
  } catch (error) {
    if (error instanceof UserError) throw error;
  }
  if (typeof name !== "string" || !/^checkpoint-(pretrain|finetune)-\d+$/.test(name)) {
    throw new UserError(`Cannot use ${shortPath(path)}: it names no checkpoint, want {"checkpoint": "checkpoint-…"}`);
  }
  return name;
}
