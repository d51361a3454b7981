// What LocalMIM predicts of a picture: its edges, drawn cell by cell as an SVG.
//
//   deno run --allow-read --allow-env --allow-ffi examples/hog.ts [PICTURE [CELL]] > hog.svg
//
// About a second; without a picture one is generated.

import { proceduralDataset, readImage } from "@vitfreeze/vitfreeze/datasets";
import { hogOf } from "@vitfreeze/vitfreeze/hog";

const [path, cellText = "8"] = Deno.args, cell = Number(cellText); // an empty PATH is none

async function generated(size: number) {
  const image = await proceduralDataset({ seed: 3, train: 1, test: 1, size }).train.load(0);
  return { pixels: await image.crop({ left: 0, top: 0, width: size, height: size }, size), width: size, height: size };
}

const { pixels, width, height } = path ? await readImage(path) : await generated(64);
const { box, bins, edgeAngles, scales: [scale] } = hogOf(pixels, { width, height, cells: [cell] });

const lines: string[] = [];
for (let row = 0; row < scale.rows; row++) {
  for (let column = 0; column < scale.columns; column++) {
    const channels = [0, 1, 2].map((channel) => scale.at(row, column, channel));
    for (let bin = 0; bin < bins; bin++) {
      const strength = (channels[0][bin] + channels[1][bin] + channels[2][bin]) / 3;
      if (strength < 0.1) continue;
      const x = (column + 0.5) * cell, y = (row + 0.5) * cell, reach = strength * cell / 2;
      const dx = reach * Math.cos(edgeAngles[bin]), dy = -reach * Math.sin(edgeAngles[bin]);
      lines.push(`M${(x - dx).toFixed(2)} ${(y - dy).toFixed(2)}L${(x + dx).toFixed(2)} ${(y + dy).toFixed(2)}`);
    }
  }
}
console.log(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${box.width} ${box.height}">`);
console.log(`<path d="${lines.join("")}" stroke="black" stroke-width="0.5"/>`);
console.log("</svg>");
