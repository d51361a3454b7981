// Gives a run's weights away under the names that other code wants.
//
//   deno task weights:export RUN --to vit.safetensors [--names timm|official]

import { join } from "node:path";
import { type Flag, type Parsed, parseFlags } from "../../cli/args.ts";
import { exists, shortPath, writeWhole } from "../../cli/files.ts";
import { runMain } from "../../cli/main.ts";
import { UserError } from "../../core/errors.ts";
import { writeSafetensors } from "../../core/safetensors/write.ts";
import { FLOATS, inDtype, NAME_SETS, renamed } from "../../training/weights/convert.ts";
import { oneWord, targetOf, toFlag, wordFlag } from "./flags.ts";
import { matchModel } from "../../training/weights/matchModel.ts";
import { elements, FORMAT, modelOf, modelText } from "../../training/weights/model.ts";
import { openWeights, weightsOf } from "../../training/weights/source.ts";
import { countText } from "../../training/weights/tensors.ts";

const USAGE =
  "deno task weights:export RUN --to FILE [flags]; RUN is a run's folder, or a file of weights that a run wrote";
const WHICH = ["pretrained", "finetuned"] as const;

const flags: Record<string, Flag> = {
  to: toFlag,
  names: {
    type: "string",
    value: "SET",
    help: "timm: the encoder as vit_*, LocalMIM's last stage norm as norm; official: all, decoders too",
    default: "timm",
  },
  dtype: { type: "string", value: "TYPE", help: "F32, F16 or BF16", default: "F32" },
  which: { type: "string", value: "PHASE", help: "pretrained or finetuned, of a run's folder (default pretrained)" },
};

/** The file of weights that a word of the command line means. */
async function fileOf(run: string, which: Parsed["values"][string]): Promise<string> {
  if (!await exists(run)) throw new UserError(`Cannot export ${run}: no such file or folder`);
  if (!(await Deno.stat(run)).isDirectory) {
    if (which === undefined) return run;
    throw new UserError(`Cannot use --which with the file ${run}: it has no effect, want a run's folder`);
  }
  const phase = wordFlag("which", which ?? WHICH[0], WHICH), file = join(run, `${phase}.safetensors`);
  if (await exists(file)) return file;
  throw new UserError(
    `Cannot export ${run}: it holds no ${phase}.safetensors, want a run that has ended this phase, or a checkpoint's file`,
  );
}

async function main(args: string[]): Promise<void> {
  const parsed = parseFlags(args, USAGE, flags, 1), { values } = parsed;
  const run = oneWord(parsed, "RUN", USAGE), to = targetOf(parsed), names = wordFlag("names", values.names, NAME_SETS);
  const dtype = wordFlag("dtype", values.dtype, FLOATS);
  const source = await openWeights(await fileOf(run, values.which)), file = shortPath(source.name);
  const model = modelOf(source.metadata, file);
  if (!model) throw new UserError(`Cannot export ${file}: no run wrote it, want it imported by weights:import first`);
  const tensors = matchModel(weightsOf(source).tensors, model, file), given = renamed({ model, tensors }, names, file);
  const metadata = {
    format: FORMAT,
    kind: given.model.kind,
    model: JSON.stringify(given.model.config),
    names,
    source: source.sha256,
  };
  await writeWhole(to, writeSafetensors(inDtype(given.tensors, dtype, file), metadata));
  const count = elements(given.tensors.values()).toLocaleString("en-GB");
  console.log(
    `${shortPath(to)}: ${modelText(given.model)}\n  ${countText(given.tensors.size)}, ${count} numbers, from ${file}`,
  );
}

if (import.meta.main) await runMain(main);
