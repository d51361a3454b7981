// Which edges does a picture have? Prints, at each cell size, how much of its HOG lies in each direction.
//
//   deno run --allow-read --allow-ffi --allow-env examples/hog.ts PICTURE

import { readImage } from "@vitfreeze/vitfreeze/datasets";
import { hogOf } from "@vitfreeze/vitfreeze/hog";

const [path] = Deno.args;
const { pixels, width, height } = await readImage(path);
const { bins, edgeAngles, scales } = hogOf(pixels, { width, height });
for (const { cell, rows, columns, values } of scales) {
  const sums = new Array<number>(bins).fill(0);
  values.forEach((value, i) => sums[i % bins] += value);
  const strongest = sums.indexOf(Math.max(...sums)), degrees = Math.round(edgeAngles[strongest] * 180 / Math.PI);
  console.log(`cells of ${cell}: ${rows} x ${columns}, most edges at ${degrees} degrees`);
}
