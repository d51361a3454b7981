// Takes weights in from elsewhere: safetensors or torch.save's .pth, under timm's or the official names.
//
//   deno task weights:import FILE --to weights.safetensors [--encoder-only] [--heads N]

import { type Flag, type Parsed, parseFlags } from "../../cli/args.ts";
import { shortPath, writeWhole } from "../../cli/files.ts";
import { runMain } from "../../cli/main.ts";
import { UserError } from "../../core/errors.ts";
import { writeSafetensors } from "../../core/safetensors/write.ts";
import { weightsMetadata } from "../../training/checkpoint/weightsFile.ts";
import { encoderWeights } from "../../training/weights/convert.ts";
import { countFlag, oneWord, targetOf, toFlag } from "./flags.ts";
import { inferModel, type Inferred, type ModelOptions } from "../../training/weights/inferModel.ts";
import { matchModel } from "../../training/weights/matchModel.ts";
import { elements, modelOf, modelText } from "../../training/weights/model.ts";
import { openWeights, weightsOf } from "../../training/weights/source.ts";
import { countText, type StoredTensor } from "../../training/weights/tensors.ts";

const USAGE = "deno task weights:import FILE --to FILE [flags]; FILE is safetensors or torch.save's .pth";

const flags: Record<string, Flag> = {
  to: toFlag,
  "encoder-only": { type: "boolean", help: "take the encoder, leave everything else out" },
  heads: { type: "string", value: "N", help: "heads of the encoder (default width / 64)" },
  "decoder-heads": { type: "string", value: "N", help: "heads of the decoders (default 8)" },
  "stage-blocks": { type: "string", value: "N,N", help: "blocks that the decoders follow (default 2,4,depth-2,depth)" },
  "image-size": { type: "string", value: "N", help: "pixels, for files without positions" },
};

/** Flags that say what a file of our own says itself. */
function optionsOf(values: Parsed["values"]): ModelOptions {
  const blocks = values["stage-blocks"];
  return {
    heads: countFlag("heads", values.heads),
    decoderHeads: countFlag("decoder-heads", values["decoder-heads"]),
    imageSize: countFlag("image-size", values["image-size"]),
    stageBlocks: typeof blocks === "string" ? blocks.split(",").map((n) => countFlag("stage-blocks", n)!) : undefined,
  };
}

/** The model of a file: what its metadata say, or else what its shapes tell. */
function modelFor(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Record<string, string>,
  { file, options, encoderOnly }: { file: string; options: ModelOptions; encoderOnly: boolean },
): Inferred {
  const model = modelOf(metadata, file);
  if (!model) return inferModel(tensors, options, file, encoderOnly);
  const idle = Object.entries(options).find(([, value]) => value !== undefined);
  if (!idle) return { model, assumed: [] };
  const flag = idle[0].replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new UserError(`Cannot use --${flag}: ${file} says itself what its model is, want the flag left away`);
}

async function main(args: string[]): Promise<void> {
  const parsed = parseFlags(args, USAGE, flags, 1), { values } = parsed, options = optionsOf(values);
  const path = oneWord(parsed, "FILE", USAGE), to = targetOf(parsed), encoderOnly = values["encoder-only"] === true;
  const source = await openWeights(path), file = shortPath(path), { tensors, notes } = weightsOf(source);
  const { model: whole, assumed } = modelFor(tensors, source.metadata, { file, options, encoderOnly });
  const wanted = encoderOnly ? encoderWeights({ model: whole, tensors }) : { model: whole, tensors };
  const { model } = wanted, taken = matchModel(wanted.tensors, model, file);
  const metadata = { ...weightsMetadata(model), source: source.sha256 };
  await writeWhole(to, writeSafetensors(taken, metadata));
  const count = elements(taken.values()).toLocaleString("en-GB"), left = tensors.size - taken.size;
  const lines = [
    `${shortPath(to)}: ${modelText(model)}`,
    `  ${countText(taken.size)}, ${count} numbers, from ${file}`,
    ...notes.map((note) => `  ${note}`),
    ...(left > 0
      ? [`  left out: ${countText(left)} ${encoderOnly ? "beside the encoder" : "that nothing trains"}`]
      : []),
    ...(assumed.length > 0 ? [`  assumed, since shapes do not tell: ${assumed.join(" ")}`] : []),
  ];
  console.log(lines.join("\n"));
}

if (import.meta.main) await runMain(main);
