// Pre-trains a tiny ViT on a folder of images and keeps its weights.
//
//   deno run --allow-read --allow-write --allow-env --allow-ffi examples/pretrain.ts [FOLDER [EPOCHS]] [--to weights.safetensors]
//
// About 10 seconds for 2 epochs of generated images; FOLDER holds train/<class>/<image> and test/ or val/.

import { openImageFolder, proceduralDataset } from "@vitfreeze/vitfreeze/datasets";
import { pretrain } from "@vitfreeze/vitfreeze/train";
import { saveWeights } from "@vitfreeze/vitfreeze/weights";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  options: { to: { type: "string", default: "weights.safetensors" } },
  allowPositionals: true,
});
const [folder, epochs = "2"] = positionals;

const data = folder ? await openImageFolder(folder) : proceduralDataset({ seed: 0, train: 64, test: 16, size: 64 });
const { weights, epochs: done, events, schedule } = await pretrain({
  data,
  recipe: "laptop",
  model: { imageSize: 32, embedDim: 24, decoderDim: 16 },
  epochs: Number(epochs),
  batch: Math.min(16, data.train.length),
  onStep: ({ done, total }) => Deno.stderr.writeSync(new TextEncoder().encode(`\rstep ${done}/${total} `)),
});
Deno.stderr.writeSync(new TextEncoder().encode("\r"));

for (const { epoch, losses } of done) console.log(`epoch ${epoch + 1}: loss ${losses.loss!.toFixed(4)}`);
for (const { kind, at, iteration } of events) {
  const what = kind === "freeze" ? `layer ${at} froze` : `decoder ${at + 1} was dropped`;
  console.log(`${what} at epoch ${(iteration / schedule.iterationsPerEpoch).toFixed(2)}`);
}
await saveWeights(values.to, weights);
console.log(`${values.to}: ${weights.tensors.size} tensors`);
