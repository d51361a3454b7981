import { Arena } from "../../../core/engine/arena.ts";
import { UserError } from "../../../core/errors.ts";
import type { LocalMimConfig } from "../../../core/methods/localmim/config.ts";
import { encoderParameters, stageParameters } from "../../../core/methods/localmim/parameters.ts";
import type { ModelParameter } from "../../../core/models/parameters.ts";
import type { Entry } from "../../../core/safetensors/header.ts";
import { shortPath } from "../../../cli/files.ts";
import { fileHash, readTensors } from "../../../training/checkpoint/tensorFile.ts";
import { modelOf } from "./config.ts";
import { locateModel } from "./locate.ts";
import { readRecord, type RunRecord } from "./record.ts";
import { VALUE_PREFIX } from "../../../core/checkpoint/tensors.ts";

/** A pre-trained model, ready to run. */
export interface LoadedModel {
  path: string;
  sha256: string;
  config: LocalMimConfig;
  /** Which stages have a decoder in the file. */
  liveStages: boolean[];
  arena: Arena;
  /** What is known of its training. */
  record?: RunRecord;
}

/**
 * Loads a model from a run's folder, a checkpoint or a file of weights.
 *
 * @throws {UserError} when there is none, or its file does not hold what its metadata say
 */
export async function loadModel(where: string): Promise<LoadedModel> {
  const { weights: path, record } = await locateModel(where), name = shortPath(path);
  let layout: Pick<LoadedModel, "config" | "liveStages" | "arena"> | undefined;
  await readTensors(path, {
    header: (entries, metadata) => layout = layOut(entries, modelOf(metadata, name), name),
    tensor: (entry, data) => {
      const parameter = bare(entry);
      if (layout!.arena.has(parameter)) layout!.arena.view(parameter).set(data);
    },
  });
  return { path, sha256: await fileHash(path), ...layout!, ...(record && { record: await readRecord(record) }) };
}

/** The parameter that a tensor of a file holds; moments keep their prefix, so they are none. */
function bare(entry: string): string {
  return entry.startsWith(VALUE_PREFIX) ? entry.slice(VALUE_PREFIX.length) : entry;
}

/** An arena for the encoder and those decoders that the file has. */
function layOut(entries: readonly Entry[], config: LocalMimConfig, name: string) {
  const held = new Map(entries.map((entry) => [bare(entry.name), entry]));
  const stages = config.stageBlocks.map((_, stage) => stageParameters(config, stage));
  const liveStages = stages.map((parameters) => parameters.some((parameter) => held.has(parameter.name)));
  if (!liveStages.includes(true)) throw new UserError(`Cannot draw ${name}: it holds no decoder, want one at least`);
  const wanted = [...encoderParameters(config), ...stages.filter((_, stage) => liveStages[stage]).flat()];
  for (const parameter of wanted) check(held.get(parameter.name), parameter, name);
  return { config, liveStages, arena: new Arena(wanted, 1) };
}

function check(entry: Entry | undefined, { name: wanted, shape }: ModelParameter, name: string): void {
  const text = `F32 [${shape.join(", ")}]`;
  if (!entry) throw new UserError(`Cannot draw ${name}: it holds no tensor '${wanted}', want ${text}`);
  const found = `${entry.dtype} [${entry.shape.join(", ")}]`;
  if (found !== text) throw new UserError(`Cannot draw ${name}: tensor '${wanted}' is ${found}, want ${text}`);
}
