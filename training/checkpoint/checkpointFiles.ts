import { createHash } from "node:crypto";
import { join } from "node:path";
import { exists, readWhole, writeWhole } from "../../cli/files.ts";
import { CHECKPOINT_VERSION, type CheckpointHeader, parseCheckpointHeader } from "../../core/checkpoint/header.ts";
import { checkEntries, checkpointTensors } from "../../core/checkpoint/tensors.ts";
import type { Arena } from "../../core/engine/arena.ts";
import { UserError } from "../../core/errors.ts";
import { layoutSafetensors } from "../../core/safetensors/write.ts";
import { canonicalJson } from "../../records/canonical.ts";
import { checkTexts } from "../../records/hashedFile.ts";
import { fileHash, readTensors } from "./tensorFile.ts";

/** The file that names the newest checkpoint. */
export const POINTER = "latest.json";
/** The names of a checkpoint's two files. */
export const CHECKPOINT_NAME = /^checkpoint-(\d{8,})\.(json|safetensors)$/;

/** What a checkpoint holds beside its tensors. */
export type CheckpointContent = Omit<CheckpointHeader, "kind" | "version" | "tensors">;

/** A checkpoint in its folder. */
export interface FoundCheckpoint {
  name: string;
  header: CheckpointHeader;
}

/**
 * Writes a checkpoint: the tensors, then the JSON that names their SHA-256, then the pointer to both. Each is written whole or
 * not at all, so whatever happens in between, the checkpoint before stays the one that is found.
 *
 * @param metadata of the tensors' file
 * @returns the checkpoint's name
 * @throws {UserError} when the folder cannot be written
 */
export async function writeCheckpoint(
  folder: string,
  content: CheckpointContent,
  arena: Arena,
  metadata: Record<string, string>,
): Promise<string> {
  const name = nameOf(content.iteration), file = `${name}.safetensors`;
  const tensors = new Map(checkpointTensors(arena).map((each) => [each.name, each]));
  const { header, order, bytes } = layoutSafetensors(
    [...tensors].map(([name, { tensor }]) => [name, tensor]),
    metadata,
  );
  const hash = createHash("sha256");
  function* parts() {
    hash.update(header);
    yield header;
    for (const each of order) {
      const { parameter, region } = tensors.get(each)!;
      const part = new Uint8Array(arena.view(parameter, region).slice().buffer);
      hash.update(part);
      yield part;
    }
  }
  await writeWhole(join(folder, file), parts());
  const whole: CheckpointHeader = {
    kind: "vitfreeze.checkpoint",
    version: CHECKPOINT_VERSION,
    ...content,
    tensors: { file, bytes, sha256: hash.digest("hex") },
  };
  await writeWhole(join(folder, `${name}.json`), canonicalJson(whole));
  await writeWhole(join(folder, POINTER), canonicalJson({ checkpoint: name }));
  return name;
}

/**
 * The newest checkpoint that is whole.
 *
 * @param warn is told of each newer one that is not
 * @returns nothing when there is none
 */
export async function findCheckpoint(
  folder: string,
  warn: (text: string) => void,
): Promise<FoundCheckpoint | undefined> {
  for (const name of (await checkpointNames(folder)).written) {
    try {
      return { name, header: await checkWhole(folder, name) };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      warn(error.message);
    }
  }
}

/** Reads the tensors of a checkpoint into an arena with the same parameters. */
export async function readCheckpoint(folder: string, { header, name }: FoundCheckpoint, arena: Arena): Promise<void> {
  const places = new Map(checkpointTensors(arena).map((each) => [each.name, each]));
  await readTensors(join(folder, header.tensors.file), {
    header: (entries) => checkEntries(arena, entries, name),
    tensor: (entry, data) => {
      const { parameter, region } = places.get(entry)!;
      arena.view(parameter, region).set(data);
    },
  });
}

/** Removes all checkpoints but the newest `keep`, with 0 the pointer too; and tensors whose checkpoint was never finished. */
export async function pruneCheckpoints(folder: string, keep: number): Promise<void> {
  const { written, unfinished } = await checkpointNames(folder);
  if (keep === 0) await remove(join(folder, POINTER));
  for (const name of [...unfinished, ...written.slice(keep)]) {
    // The JSON first: without it the tensors are no checkpoint, whereas it would be a broken one without them.
    await remove(join(folder, `${name}.json`));
    await remove(join(folder, `${name}.safetensors`));
  }
}

/**
 * What a checkpoint says of itself; its tensors are not looked at.
 *
 * @throws {UserError} when its JSON is broken
 */
export async function readHeader(folder: string, name: string): Promise<CheckpointHeader> {
  const path = join(folder, `${name}.json`), text = new TextDecoder().decode(await readWhole(path));
  const value = parseJson(path, text);
  checkTexts(path, value);
  return parseCheckpointHeader(value, path);
}

function nameOf(iteration: number): string {
  return `checkpoint-${String(iteration).padStart(8, "0")}`;
}

async function checkWhole(folder: string, name: string): Promise<CheckpointHeader> {
  const header = await readHeader(folder, name), { iteration, tensors: { file, sha256 } } = header;
  if (nameOf(iteration) !== name || file !== `${name}.safetensors`) {
    throw new UserError(
      `Cannot use checkpoint ${
        join(folder, name)
      }.json: it is of step ${iteration} with ${file}, want those of its name`,
    );
  }
  const found = await fileHash(join(folder, file));
  if (found !== sha256) {
    throw new UserError(`Cannot use checkpoint ${join(folder, file)}: its SHA-256 is ${found}, want ${sha256}`);
  }
  return header;
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UserError(`Cannot use checkpoint ${path}: it is no JSON, want what a run has written`);
  }
}

/** The steps after which a folder's checkpoints were written, ascending; that their tensors are whole is not checked. */
export async function checkpointSteps(folder: string): Promise<number[]> {
  const { written } = await checkpointNames(folder);
  return written.map((name) => Number(name.slice(name.indexOf("-") + 1))).reverse();
}

/** Names of the checkpoints with a JSON, newest first, by step as a number; and of those without. */
async function checkpointNames(folder: string): Promise<{ written: string[]; unfinished: string[] }> {
  if (!await exists(folder)) return { written: [], unfinished: [] };
  const found = new Map<string, { step: number; json: boolean }>();
  for await (const { name } of Deno.readDir(folder)) {
    const [, step, ending] = CHECKPOINT_NAME.exec(name) ?? [];
    if (step === undefined) continue;
    const key = name.slice(0, name.lastIndexOf(".")), json = ending === "json" || (found.get(key)?.json ?? false);
    found.set(key, { step: Number(step), json });
  }
  const sorted = [...found].sort(([, a], [, b]) => b.step - a.step);
  const named = (json: boolean) => sorted.filter(([, each]) => each.json === json).map(([name]) => name);
  return { written: named(true), unfinished: named(false) };
}

async function remove(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
