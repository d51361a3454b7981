import { createHog } from "../core/hog/createHog.ts";
import { dmjdHog, whitenBins } from "../core/hog/dmjdHog.ts";
import { hogOf } from "../core/hog/hogOf.ts";
import { randomStream } from "../core/random/stream.ts";
import { assertAlmostEqual, assertEqual, assertRejects } from "./assert.ts";

/** A picture of random bytes, [height, width, 3]. */
function noise(height: number, width: number): Uint8Array {
  const random = randomStream(5, "test");
  return Uint8Array.from({ length: height * width * 3 }, () => Math.floor(256 * random.uniform()));
}

Deno.test("hogOf() gives LocalMIM's targets of the picture's middle, in its own four cell sizes", () => {
  const picture = noise(70, 100), { box, bins, scales } = hogOf(picture, { width: 100, height: 70 });
  assertEqual([box, bins], [{ left: 2, top: 3, width: 96, height: 64 }, 9]);
  const middle = new Uint8Array(64 * 96 * 3);
  for (let y = 0; y < 64; y++) {
    middle.set(picture.subarray(((y + 3) * 100 + 2) * 3, ((y + 3) * 100 + 98) * 3), y * 96 * 3);
  }
  const cells = [4, 8, 16, 32], wanted = cells.map((cell) => new Float32Array(64 / cell * 96 / cell * 27));
  createHog({ height: 64, width: 96, cells })(middle, 0, wanted, 0);
  assertEqual(scales.map(({ cell, rows, columns }) => [cell, rows, columns]), [
    [4, 16, 24],
    [8, 8, 12],
    [16, 4, 6],
    [32, 2, 3],
  ]);
  assertEqual(scales.map(({ values }) => values), wanted);
  assertEqual(scales[3].at(1, 2, 1), wanted[3].subarray((5 * 3 + 1) * 9, (5 * 3 + 2) * 9));
});

Deno.test("hogOf() gives DMJD's histograms by cell, plain and white", () => {
  const height = 16, width = 24, picture = noise(height, width);
  const planes = Uint8Array.from({ length: picture.length }, (_, i) => {
    return picture[i % (height * width) * 3 + Math.floor(i / (height * width))];
  });
  const wanted = dmjdHog(planes, { height, width }); // [3, 2, 3, 9]
  const [plain] = hogOf(picture, { height, width, form: "dmjd" }).scales;
  const [white] = hogOf(picture, { height, width, form: "dmjd", whiten: true }).scales;
  for (const channel of [0, 1, 2]) {
    for (const [row, column] of [[0, 0], [1, 2]]) {
      const from = ((channel * 2 + row) * 3 + column) * 9, histogram = wanted.subarray(from, from + 9);
      assertEqual(plain.at(row, column, channel), histogram);
      assertEqual(white.at(row, column, channel), whitenBins(histogram));
    }
  }
});

Deno.test("edgeAngles point along the stripes of a picture in both forms", () => {
  const size = 32, period = 8;
  const middles = { localmim: [10, 50, 90, 130, 170], dmjd: [20, 60, 100, 160] };
  for (const form of ["localmim", "dmjd"] as const) {
    for (const degrees of middles[form]) {
      // Brightness changes across the stripes, which rise at `degrees` from the horizontal; rows count downwards.
      const [across, down] = [Math.sin(degrees * Math.PI / 180), Math.cos(degrees * Math.PI / 180)];
      const stripes = Uint8Array.from({ length: size * size * 3 }, (_, i) => {
        const x = Math.floor(i / 3) % size, y = Math.floor(i / 3 / size);
        return 128 + 100 * Math.sin(2 * Math.PI * (x * across + y * down) / period);
      });
      const { scales: [scale], edgeAngles } = hogOf(stripes, { width: size, height: size, form, cells: [16] });
      const histogram = scale.at(0, 0, 0), strongest = histogram.indexOf(Math.max(...histogram));
      // Each is the middle of a bin but for rounding.
      assertAlmostEqual(edgeAngles[strongest] * 180 / Math.PI, degrees, 1e-9, `${form} at ${degrees}`);
    }
  }
});

Deno.test("hogOf() refuses what does not fit in one line", async () => {
  const size = { width: 8, height: 8 }, rgb = new Uint8Array(192);
  const wrong: [() => unknown, string][] = [
    [() => hogOf(new Uint8Array(256), size), "256 bytes: want 192, RGB of 8 x 8 pixels: these are RGBA"],
    [() => hogOf(rgb, { width: 8, height: 8.5 }), "a picture of 8 x 8.5: want at least 2 x 2 pixels"],
    [() => hogOf(rgb, { ...size, cells: [16] }), "cells of 16: want some that fit 8 x 8"],
    [() => hogOf(rgb, { ...size, cells: [4, 6] }), "cells [4,6]: want whole numbers of pixels"],
    [() => hogOf(rgb, { ...size, cells: [] }), "cells []: want"],
    [() => hogOf(rgb, { ...size, bins: 0 }), "bins 0: want 1 to 180"],
    [() => hogOf(rgb, { ...size, whiten: true }), "whiten: want it left away: only form dmjd has it"],
    [() => hogOf(new Uint8Array(27), { width: 3, height: 3 }), "a picture of 3 x 3: want at least 4 pixels a side"],
  ];
  for (const [call, message] of wrong) await assertRejects(call, `Cannot compute HOG with ${message}`);
  await assertRejects(() => hogOf(rgb, size).scales[0].at(2, 0, 0), "want one of 2 x 2 x 3");
});
