// Gives a run's weights away under the names that other code wants.
//
//   deno task weights:export RUN --to vit.safetensors [--names timm|official]
//   deno task weights:export RUN --to vit/

import { dirname, join } from "node:path";
import { z } from "zod";
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
import { checkRecorded } from "../../training/weights/checkRecorded.ts";
import { locateWeights } from "../../training/weights/locate.ts";
import { checkTarget, countFlag, folderOf, oneWord, SAFETENSORS, targetOf, wordFlag } from "./flags.ts";
import { matchModel } from "../../training/weights/matchModel.ts";
import { elements, modelOf, modelText } from "../../training/weights/model.ts";
import { openWeights, weightsOf } from "../../training/weights/source.ts";
import { countText } from "../../training/weights/tensors.ts";
import { timmConfig } from "../../training/weights/timmConfig.ts";

const USAGE =
  "deno task weights:export RUN --to FILE|FOLDER/ [flags]; RUN is a phase's folder, or a file of weights that a phase left";
/** Kinds of phases that leave weights. */
const WHICH = ["pretrain", "finetune", "linear"] as const satisfies readonly PhaseKind[];

const flags: Record<string, Flag> = {
  to: {
    type: "string",
    value: "FILE",
    path: true,
    help: "file to write, a name that ends in .safetensors; or, with / at its end, a folder for timm's local-dir:",
  },
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

/** How the phase of a folder crops test images, if one was begun there that does. */
async function testCropOf(folder: string): Promise<number | undefined> {
  const found = croppingSchema.safeParse(await recordedPhase(folder));
  return found.success ? found.data.phase.config.testCropRatio : undefined;
}

const croppingSchema = z.object({ phase: z.object({ config: z.object({ testCropRatio: z.number() }) }) });

async function main(args: string[]): Promise<void> {
  const parsed = parseFlags(args, USAGE, flags, 1), { values } = parsed;
  const run = oneWord(parsed, "RUN", USAGE), names = wordFlag("names", values.names, NAME_SETS);
  const folder = folderOf(parsed),
    to = folder ? join(folder, "model.safetensors") : targetOf(parsed, `${SAFETENSORS}, or / at the end of a folder`);
  if (folder && names !== "timm") {
    throw new UserError(
      `Cannot use --to ${values.to} with --names ${names}: a folder is timm's, want a FILE.safetensors`,
    );
  }
  const dtype = wordFlag("dtype", values.dtype, FLOATS);
  const found = await fileOf(run, values);
  await checkTarget(to, found);
  await checkRecorded(found);
  const source = await openWeights(found), file = shortPath(source.name);
  const model = modelOf(source.metadata, file);
  if (!model) throw new UserError(`Cannot export ${file}: no run wrote it, want it imported by weights:import first`);
  const tensors = matchModel(weightsOf(source).tensors, model, file), given = renamed({ model, tensors }, names, file);
  const metadata = { ...weightsMetadata(given.model), names, source: source.sha256 };
  if (folder) {
    const config = timmConfig(given.model, await testCropOf(dirname(source.name)));
    await writeWhole(join(folder, "config.json"), `${JSON.stringify(config, null, 2)}\n`);
  }
  await writeWhole(to, writeSafetensors(inDtype(given.tensors, dtype, file), metadata));
  const count = elements(given.tensors.values()).toLocaleString("en-GB");
  const lines = [
    `${shortPath(to)}: ${modelText(given.model)}`,
    `  ${countText(given.tensors.size)}, ${count} numbers, from ${file}`,
    ...(folder ? [`  timm.create_model("local-dir:${shortPath(folder)}", pretrained=True)`] : []),
  ];
  console.log(lines.map(printable).join("\n"));
}

if (import.meta.main) await runMain(main);
