import { shortPath } from "../../cli/files.ts";
import { VALUE_PREFIX } from "../../core/checkpoint/tensors.ts";
import { Arena } from "../../core/engine/arena.ts";
import type { ParameterSpec } from "../../core/engine/program.ts";
import { UserError } from "../../core/errors.ts";
import { type ChosenMethod, METHODS } from "../../core/methods/mod.ts";
import type { Entry } from "../../core/safetensors/header.ts";
import { shapeText } from "../../core/safetensors/tensor.ts";
import { fileHash, readTensors } from "../checkpoint/tensorFile.ts";
import { modelOf } from "./model.ts";

/** What a pre-training has left, ready to run. */
export interface Pretrained extends ChosenMethod {
  path: string;
  /** Of the whole file, in hexadecimal. */
  sha256: string;
  /** Which stages have a decoder in the file. */
  liveStages: boolean[];
  arena: Arena;
}

/**
 * Reads the weights of a method's model from a checkpoint or a file of weights; decoders may be missing, one apart.
 *
 * @throws {UserError} when the file is of another model, or does not hold what its metadata say
 */
export async function readPretrained(path: string): Promise<Pretrained> {
  const name = shortPath(path);
  let found: Omit<Pretrained, "path" | "sha256"> | undefined;
  await readTensors(path, {
    header(entries, metadata) {
      const chosen = chosenMethod(metadata, name);
      found = { ...chosen, ...layOut(entries, chosen, name) };
    },
    tensor(entry, data) {
      const parameter = bare(entry);
      if (found!.arena.has(parameter)) found!.arena.view(parameter).set(data);
    },
  });
  return { path, sha256: await fileHash(path), ...found! };
}

function chosenMethod(metadata: Record<string, string>, name: string): ChosenMethod {
  const model = modelOf(metadata, name);
  if (!model) {
    throw new UserError(`Cannot use ${name}: its metadata name no model, want a file that a run has written`);
  }
  const { kind, config } = model;
  if (!Object.hasOwn(METHODS, kind)) {
    throw new UserError(`Cannot use ${name}: it holds a model of kind ${kind}, want what a pre-training has left`);
  }
  return { name: kind, method: METHODS[kind], config };
}

/** The parameter that a tensor of a file holds; moments keep their prefix, so they are none. */
function bare(entry: string): string {
  return entry.startsWith(VALUE_PREFIX) ? entry.slice(VALUE_PREFIX.length) : entry;
}

/** An arena for the encoder and those decoders that the file has. */
function layOut(entries: readonly Entry[], { method, config }: ChosenMethod, name: string) {
  const held = new Map(entries.map((entry) => [bare(entry.name), entry]));
  const stageOf = (parameter: string) => {
    const owner = method.owner(parameter, config);
    return typeof owner === "object" && "stage" in owner ? owner.stage : undefined;
  };
  const parameters = method.parameters(config), stages = method.encoder(config).stageBlocks;
  const liveStages = stages.map((_, stage) =>
    parameters.some((each) => stageOf(each.name) === stage && held.has(each.name))
  );
  if (!liveStages.includes(true)) throw new UserError(`Cannot use ${name}: it holds no decoder, want one at least`);
  const wanted = parameters.filter((each) => liveStages[stageOf(each.name) ?? -1] ?? true);
  for (const parameter of wanted) check(held.get(parameter.name), parameter, name);
  return { liveStages, arena: new Arena(wanted, 1) };
}

function check(entry: Entry | undefined, { name: wanted, shape }: ParameterSpec, name: string): void {
  const text = `F32 ${shapeText(shape)}`;
  if (!entry) throw new UserError(`Cannot use ${name}: it holds no tensor '${wanted}', want ${text}`);
  const found = `${entry.dtype} ${shapeText(entry.shape)}`;
  if (found !== text) throw new UserError(`Cannot use ${name}: tensor '${wanted}' is ${found}, want ${text}`);
}
