// Features of images by a pre-trained encoder, and how well the nearest neighbours tell the classes.
//
//   deno run --allow-read --allow-write --allow-env --allow-ffi examples/features.ts WEIGHTS [FOLDER]
//
// A few seconds. WEIGHTS is what examples/pretrain.ts, a command or timm has left (safetensors or .pth).

import { openImageFolder, proceduralDataset } from "@vitfreeze/vitfreeze/datasets";
import { features, knnProbe } from "@vitfreeze/vitfreeze/train";
import { loadWeights, modelText } from "@vitfreeze/vitfreeze/weights";

const [path, folder] = Deno.args;
if (path === undefined) {
  console.error(
    "usage: deno run --allow-read --allow-write --allow-env --allow-ffi examples/features.ts WEIGHTS [FOLDER]",
  );
  Deno.exit(1);
}
const from = await loadWeights(path);
const data = folder ? await openImageFolder(folder) : proceduralDataset({ seed: 0, train: 96, test: 48, size: 64 });
console.log(modelText(from.model));

const { values, labels, dim } = await features({ from, images: data.test });
for (let i = 0; i < Math.min(3, labels.length); i++) {
  const first = Array.from(values.subarray(i * dim, i * dim + 4), (value) => value.toFixed(3)).join(" ");
  console.log(`image ${i}, ${data.classes[labels[i]]}: ${first} … (${dim} numbers)`);
}
const { top1 } = await knnProbe({ data, from, k: 5 });
console.log(
  `k-NN: ${top1!.toFixed(1)} % of ${labels.length} images, chance ${(100 / data.classes.length).toFixed(1)} %`,
);
