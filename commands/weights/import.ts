// Takes weights in from elsewhere: safetensors or torch.save's .pth, under timm's or the official names.
//
//   deno task weights:import FILE --to weights.safetensors [--encoder-only] [--heads N] [--ema | --key teacher]

import { type Flag, forbid, type Parsed, parseFlags } from "../../cli/args.ts";
import { shortPath, writeWhole } from "../../cli/files.ts";
import { runMain } from "../../cli/main.ts";
import { printable } from "../../core/printable.ts";
import { writeSafetensors } from "../../core/safetensors/write.ts";
import { weightsMetadata } from "../../training/checkpoint/weightsFile.ts";
import type { ModelOptions } from "../../training/weights/inferModel.ts";
import { loadWeights } from "../../training/weights/load.ts";
import { elements, modelText } from "../../training/weights/model.ts";
import { countText } from "../../training/weights/tensors.ts";
import { checkTarget, countFlag, oneWord, targetOf, toFlag } from "./flags.ts";

const USAGE = "deno task weights:import FILE --to FILE [flags]; FILE is safetensors or torch.save's .pth";

const flags: Record<string, Flag> = {
  to: toFlag,
  "encoder-only": { type: "boolean", help: "take the encoder, leave everything else out" },
  heads: {
    type: "string",
    value: "N",
    help: "heads of the encoder (default width / 64; 16 of ViT-H, g, G; asked for above 1024)",
  },
  "decoder-heads": { type: "string", value: "N", help: "heads of the decoders (default 8)" },
  "stage-blocks": { type: "string", value: "N,N", help: "blocks that the decoders follow (default 2,4,depth-2,depth)" },
  key: {
    type: "string",
    value: "KEY",
    help: "key under which the weights stand, as teacher, or the begin of their names",
  },
  ema: { type: "boolean", help: "take the moving average of the weights" },
  "allow-nan": { type: "boolean", help: "take numbers that are not finite, too" },
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

async function main(args: string[]): Promise<void> {
  const parsed = parseFlags(args, USAGE, flags, 1), { values } = parsed, options = optionsOf(values);
  const path = oneWord(parsed, "FILE", USAGE), to = targetOf(parsed), encoderOnly = values["encoder-only"] === true;
  const key = typeof values.key === "string" ? values.key : undefined, ema = values.ema === true;
  forbid(key !== undefined && ema, "--ema", "--key");
  await checkTarget(to, path);
  const dict = { ...(key !== undefined && { key }), ema }, allowNan = values["allow-nan"] === true;
  const loaded = await loadWeights(path, { ...options, encoderOnly, allowNan, dict }),
    { model, tensors, notes, assumed, leftOut } = loaded;
  const metadata = { ...weightsMetadata(model), source: loaded.sha256 }, file = shortPath(path);
  await writeWhole(to, writeSafetensors(tensors, metadata));
  const count = elements(tensors.values()).toLocaleString("en-GB");
  const lines = [
    `${shortPath(to)}: ${modelText(model)}`,
    `  ${countText(tensors.size)}, ${count} numbers, from ${file}`,
    ...notes.map((note) => `  ${note}`),
    ...(leftOut > 0
      ? [`  left out: ${countText(leftOut)} ${encoderOnly ? "beside the encoder" : "that nothing trains"}`]
      : []),
    ...(assumed.length > 0 ? [`  assumed, since shapes do not tell: ${assumed.join(" ")}`] : []),
  ];
  console.log(lines.map(printable).join("\n"));
}

if (import.meta.main) await runMain(main);
