// Gives a run's weights away under the names that other code wants.
//
//   deno task weights:export RUN --to vit.safetensors [--names timm|official]

import { type Flag, type Parsed, parseFlags } from "../../cli/args.ts";
import { exists, shortPath, writeWhole } from "../../cli/files.ts";
import { runMain } from "../../cli/main.ts";
import { UserError } from "../../core/errors.ts";
import { printable } from "../../core/printable.ts";
import { writeSafetensors } from "../../core/safetensors/write.ts";
import { FLOATS, inDtype, NAME_SETS, renamed } from "../../training/weights/convert.ts";
import type { PhaseKind } from "../../records/phase.ts";
import { recordedPhase } from "../../training/checkpoint/phaseKeeper.ts";
import { weightsMetadata } from "../../training/checkpoint/weightsFile.ts";
import { locateWeights } from "../../training/weights/locate.ts";
import { countFlag, oneWord, targetOf, toFlag, wordFlag } from "./flags.ts";
import { matchModel } from "../../training/weights/matchModel.ts";
import { elements, modelOf, modelText } from "../../training/weights/model.ts";
import { openWeights, weightsOf } from "../../training/weights/source.ts";
import { countText } from "../../training/weights/tensors.ts";

const USAGE =
  "deno task weights:export RUN --to FILE [flags]; RUN is a phase's folder, or a file of weights that a phase left";
/** Kinds of phases that leave weights. */
const WHICH = ["pretrain", "finetune", "linear"] as const satisfies readonly PhaseKind[];

const flags: Record<string, Flag> = {
  to: toFlag,
  names: {
    type: "string",
    value: "SET",
    help: "timm: the encoder as vit_*, LocalMIM's last stage norm as norm; official: all, decoders too",
    default: "timm",
  },
  dtype: { type: "string", value: "TYPE", help: "F32, F16 or BF16", default: "F32" },
  which: {
    type: "string",
    value: "KIND",
    help: "pretrain, finetune or linear, in a folder of several phases (default pretrain)",
  },
  epochs: { type: "string", value: "N", help: "those after N epochs of a phase's folder (default the last)" },
};

/** The file of weights that a word of the command line means. */
async function fileOf(run: string, { which, epochs }: Parsed["values"]): Promise<string> {
  const found = await exists(run) ? await Deno.stat(run) : undefined;
  if (found?.isFile && (which ?? epochs) !== undefined) {
    const flag = which === undefined ? "epochs" : "which";
    throw new UserError(`Cannot use --${flag} with the file ${run}: it has no effect, want a folder`);
  }
  if (found?.isDirectory && which !== undefined && await recordedPhase(run)) {
    throw new UserError(
      `Cannot use --which with ${run}: it has no effect in the folder of one phase, want one of several`,
    );
  }
  return await locateWeights(run, {
    verb: "export",
    kind: wordFlag("which", which ?? WHICH[0], WHICH),
    checkpoints: false,
    epochs: countFlag("epochs", epochs),
    warn: (text) => console.error(`warning: ${text}`),
  });
}

async function main(args: string[]): Promise<void> {
  const parsed = parseFlags(args, USAGE, flags, 1), { values } = parsed;
  const run = oneWord(parsed, "RUN", USAGE), to = targetOf(parsed), names = wordFlag("names", values.names, NAME_SETS);
  const dtype = wordFlag("dtype", values.dtype, FLOATS);
  const source = await openWeights(await fileOf(run, values)), file = shortPath(source.name);
  const model = modelOf(source.metadata, file);
  if (!model) throw new UserError(`Cannot export ${file}: no run wrote it, want it imported by weights:import first`);
  const tensors = matchModel(weightsOf(source).tensors, model, file), given = renamed({ model, tensors }, names, file);
  const metadata = { ...weightsMetadata(given.model), names, source: source.sha256 };
  await writeWhole(to, writeSafetensors(inDtype(given.tensors, dtype, file), metadata));
  const count = elements(given.tensors.values()).toLocaleString("en-GB");
  const lines = [
    `${shortPath(to)}: ${modelText(given.model)}`,
    `  ${countText(given.tensors.size)}, ${count} numbers, from ${file}`,
  ];
  console.log(lines.map(printable).join("\n"));
}

if (import.meta.main) await runMain(main);
