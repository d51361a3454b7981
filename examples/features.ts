// Features of the test images of a folder by an encoder that examples/pretrain.ts has left, and each image's nearest other.
//
//   deno run --allow-read --allow-ffi --allow-env --allow-sys examples/features.ts WEIGHTS.safetensors FOLDER

import { openImageFolder } from "@vitfreeze/vitfreeze/datasets";
import { features } from "@vitfreeze/vitfreeze/train";
import { readWeights } from "@vitfreeze/vitfreeze/weights";

const [file, folder] = Deno.args;
const { test } = await openImageFolder(folder);
const { values, labels, dim } = await features({ from: await readWeights(file), images: test });
console.log(`${labels.length} images, ${dim} numbers each`);

const feature = (image: number) => values.subarray(image * dim, (image + 1) * dim);
const distance = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0);
for (const image of labels.keys()) {
  const others = [...labels.keys()].filter((other) => other !== image);
  const far = others.map((other) => distance(feature(image), feature(other)));
  console.log(`image ${image}: nearest is ${others[far.indexOf(Math.min(...far))]}`);
}
