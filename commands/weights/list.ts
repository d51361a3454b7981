// Lists what a file of weights holds: safetensors or torch.save's .pth.
//
//   deno task weights:list FILE

import { parseFlags } from "../../cli/args.ts";
import { shortPath } from "../../cli/files.ts";
import { runMain } from "../../cli/main.ts";
import { printable } from "../../core/printable.ts";
import { shapeText } from "../../core/safetensors/tensor.ts";
import { oneWord } from "./flags.ts";
import { elements, modelOf, modelText } from "../../training/weights/model.ts";
import { nameText } from "../../training/weights/names.ts";
import { openWeights, type WeightsSource } from "../../training/weights/source.ts";
import { countText } from "../../training/weights/tensors.ts";

const USAGE = "deno task weights:list FILE";

/** What a file holds, as text. */
function listing(source: WeightsSource): string {
  const { tensors, format, bytes, notes, metadata, sha256 } = source, file = shortPath(source.name);
  const model = modelOf(metadata, file),
    rows = [...tensors].map(([name, { dtype, shape }]) => [nameText(name), dtype, shape] as const);
  const width = rows.reduce((most, [name]) => Math.max(most, name.length), 4);
  const count = elements(tensors.values()).toLocaleString("en-GB");
  return [
    `${file}: ${format}, ${bytes.toLocaleString("en-GB")} bytes, SHA-256 ${sha256}`,
    `model: ${model ? modelText(model) : "the file does not say"}`,
    ...notes.map((note) => `note: ${note}`),
    "",
    ...rows.map(([name, dtype, shape]) => `${name.padEnd(width)}  ${dtype.padEnd(4)}  ${shapeText(shape)}`),
    "",
    `${countText(tensors.size)}, ${count} numbers`,
  ].map(printable).join("\n");
}

async function main(args: string[]): Promise<void> {
  const parsed = parseFlags(args, USAGE, {}, 1);
  console.log(listing(await openWeights(oneWord(parsed, "FILE", USAGE))));
}

if (import.meta.main) await runMain(main);
