// Pre-trains a small vision transformer on a folder of images (train/CLASS/*.png, test/CLASS/*.png) by ViTFreeze, and writes
// its encoder under the names of timm. Batch and images are small, so that it takes seconds.
//
//   deno run --allow-read --allow-write --allow-ffi --allow-env --allow-sys examples/pretrain.ts FOLDER EPOCHS OUT.safetensors

import { openImageFolder } from "@vitfreeze/vitfreeze/datasets";
import { pretrain } from "@vitfreeze/vitfreeze/train";
import { saveWeights } from "@vitfreeze/vitfreeze/weights";

const [folder, epochs, out] = Deno.args;
const data = await openImageFolder(folder);
const { weights, schedule, epochs: ran } = await pretrain({
  data,
  recipe: "laptop",
  model: { imageSize: 32 },
  epochs: Number(epochs),
  batch: 8,
});
console.log(`${data.train.length} images, ${schedule.iterationsPerEpoch} steps an epoch`);
console.log(`loss ${ran.map(({ losses }) => losses.loss!.toFixed(3)).join(", ")}`);
await saveWeights(out, weights, { names: "timm" });
