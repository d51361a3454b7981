// Opens a folder of images with a cache folder and prints the hash of the data and of every pixel.
//
//   deno run -A tests/openProbe.ts FOLDER CACHE
import { createHash } from "node:crypto";
import { openDataset } from "../datasets/mod.ts";

const [path, cacheFolder] = Deno.args, hash = createHash("sha256");
const { sha256, train, test } = await openDataset({ path, cacheFolder });
for (const split of [train, test]) {
  for (let i = 0; i < split.length; i++) {
    const { width, height, crop } = await split.load(i);
    hash.update(await crop({ left: 0, top: 0, width, height }, 16));
  }
}
console.log(sha256, hash.digest("hex"));
