import fc from "fast-check";
import { createHog, type Hog } from "../core/hog/createHog.ts";
import { dmjdHog, whitenBins } from "../core/hog/dmjdHog.ts";
import { localmimHog } from "../core/hog/localmimHog.ts";
import { exactOrientationBin, orientationBin } from "../core/hog/orientation.ts";
import { sobel } from "../core/hog/sobel.ts";
import { randomStream } from "../core/random/stream.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue } from "./assert.ts";

const root = Math.SQRT1_2;
// 4 x 4 images. Reflect padding leaves no gradient across the border, so the ramp has |gx| = |gy| = 8 inside, only one of
// the two along the borders and none in the corners: magnitudes 32 in bins 0 and 4, 32 * sqrt(2) in bin 2.
const edges = {
  vertical: { at: (x: number) => x < 2 ? 0 : 8, target: [0, 0, 0, 0, 1, 0, 0, 0, 0] },
  horizontal: { at: (_x: number, y: number) => y < 2 ? 0 : 8, target: [1, 0, 0, 0, 0, 0, 0, 0, 0] },
  diagonal: { at: (x: number, y: number) => x + y, target: [0.5, 0, root, 0, 0.5, 0, 0, 0, 0] },
};

function image(height: number, width: number, channels: ((x: number, y: number) => number)[]): number[] {
  return channels.flatMap((at) =>
    Array.from({ length: height * width }, (_, i) => at(i % width, Math.floor(i / width)))
  );
}

/** [3, height, width] to [height, width, 3]. */
function interleave(pixels: ArrayLike<number>): Uint8Array {
  const size = pixels.length / 3;
  return Uint8Array.from({ length: pixels.length }, (_, i) => pixels[i % 3 * size + Math.floor(i / 3)]);
}

function largest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assertEqual(a.length, b.length);
  return Array.from(a, (value, i) => Math.abs(value - b[i])).reduce((x, y) => Math.max(x, y), 0);
}

const made = new Map<string, Hog>();

/** createHog() of one image, made once per set of options. */
function bytesHog(pixels: Uint8Array, height: number, width: number, cells: number[], bins = 9): Float32Array[] {
  const key = [height, width, bins, ...cells].join();
  const hog = made.get(key) ?? createHog({ height, width, cells, bins });
  made.set(key, hog);
  const out = cells.map((cell) => new Float32Array(height / cell * (width / cell) * 3 * bins));
  hog(pixels, 0, out, 0);
  return out;
}

const channels = Object.values(edges);
const wantedEdges = channels.flatMap(({ target }) => target);

Deno.test("localmimHog() gives the hand-computed target of a vertical, a horizontal and a diagonal edge", () => {
  const [target] = localmimHog(image(4, 4, channels.map(({ at }) => at)), { height: 4, width: 4, cells: [4] });
  // One rounding to float32 of values up to 1.
  assertTrue(largest(target, wantedEdges) < 1e-7, `${target}`);
});

Deno.test("createHog() gives the same target from bytes, channels apart", () => {
  const [target] = bytesHog(interleave(image(4, 4, channels.map(({ at }) => at))), 4, 4, [4]);
  assertTrue(largest(target, wantedEdges) < 1e-7, `${target}`);
});

Deno.test("sobel() takes left minus right and top minus bottom, the bias last", () => {
  const { gx, gy } = sobel(image(3, 3, [(x, y) => x + 10 * y]), 3, 3, [0.5, -0.25]);
  assertEqual([...gx], [0, -8, 0, 0, -8, 0, 0, -8, 0].map((value) => value + 0.5));
  assertEqual([...gy], [0, 0, 0, -80, -80, -80, 0, 0, 0].map((value) => value - 0.25));
});

Deno.test("orientation bins are unsigned, counted from the vertical gradient, edges in the upper bin", () => {
  const cases: [gx: number, gy: number, bins: number, bin: number][] = [
    [0, 1, 9, 0],
    [0, -1, 9, 0],
    [1, 0, 9, 4],
    [-1, 0, 9, 4],
    [1, 1, 9, 2],
    [1, -1, 9, 6],
    [-1, 1, 9, 6],
    [1, 3, 9, 0],
    [1, -3, 9, 8],
    [5, 0, 18, 9],
    [-5, 0, 18, 9],
    [7, 7, 8, 2],
  ];
  for (const [gx, gy, bins, bin] of cases) {
    assertEqual([exactOrientationBin(gx, gy, bins), orientationBin(gx, gy, bins)], [bin, bin], `${[gx, gy, bins]}`);
  }
  // 135 degrees is an edge of 8 bins; the negative angle wraps to it.
  assertEqual([exactOrientationBin(7, -7, 8), exactOrientationBin(-7, 7, 8)], [6, 6]);
});

Deno.test("orientationBin() lets what rounding left of gx decide between bin 0 and the last", () => {
  const bins = [[1e-6, 1], [-1e-6, 1], [1e-6, -1], [-1e-6, -1]].map(([gx, gy]) => orientationBin(gx, gy, 9));
  assertEqual(bins, [0, 8, 8, 0]);
});

Deno.test("exactOrientationBin() meets no integer gradient within 1e-9 of an irrational edge", () => {
  for (const bins of [9, 18]) {
    let nearest = 1;
    for (let gx = 1; gx <= 1020; gx++) {
      for (let gy = -1020; gy <= 1020; gy++) {
        const position = Math.atan2(gx, gy) / Math.PI * bins;
        if (gy !== 0) nearest = Math.min(nearest, Math.abs(position - Math.round(position)));
      }
    }
    assertTrue(nearest > 1e-8, `${nearest} bins at ${bins} bins`);
  }
});

const bytes = (height: number, width: number) => {
  const length = 3 * height * width;
  return fc.oneof(
    fc.uint8Array({ minLength: length, maxLength: length }),
    // Few levels: many gradients of 0 and many equal slopes.
    fc.uint8Array({ minLength: length, maxLength: length, max: 2 }),
  );
};

Deno.test("createHog() equals localmimHog() of the same integers, whatever the bins", () => {
  fc.assert(
    fc.property(bytes(8, 16), fc.constantFrom(4, 9, 18), (planes, bins) => {
      const options = { height: 8, width: 16, cells: [8, 2, 4], bins };
      const exact = bytesHog(interleave(planes), 8, 16, options.cells, bins);
      // Sums of up to 64 magnitudes in float64, in another order, rounded to float32 once.
      localmimHog(planes, options).forEach((target, i) => assertTrue(largest(exact[i], target) < 2e-7, `cells ${i}`));
    }),
    { numRuns: 40 },
  );
});

Deno.test("createHog() equals the target of the normalised image where no pixel of a cell has gx = 0", () => {
  const size = 32, random = randomStream(5, "test"), mean = [0.485, 0.456, 0.406], std = [0.229, 0.224, 0.225];
  const planes = Float32Array.from({ length: 3 * size * size }, () => random.integer(256));
  const normalized = planes.map((value, i) => {
    const channel = Math.floor(i / size ** 2);
    return Math.fround(Math.fround(Math.fround(value / 255) - mean[channel]) / std[channel]);
  });
  const [exact] = bytesHog(interleave(planes), size, size, [4]);
  const [float] = localmimHog(normalized, { height: size, width: size, cells: [4] });
  let compared = 0, different = 0;
  for (let channel = 0; channel < 3; channel++) {
    const { gx } = sobel(planes.subarray(channel * size ** 2, (channel + 1) * size ** 2), size, size);
    for (let cell = 0; cell < 64; cell++) {
      const vertical = Array.from({ length: 16 }, (_, i) => {
        return gx[(Math.floor(cell / 8) * 4 + Math.floor(i / 4)) * size + cell % 8 * 4 + i % 4];
      }).includes(0);
      const start = (cell * 3 + channel) * 9;
      const error = largest(exact.subarray(start, start + 9), float.subarray(start, start + 9));
      if (!vertical) {
        compared++;
        // Gradients of O(1) carry float32 rounding of 1e-6.
        assertTrue(error < 1e-5, `cell ${cell}: ${error}`);
      } else if (error > 1e-4) different++;
    }
  }
  // Reflect padding makes gx = 0 in the border columns, which a quarter of the cells touch.
  assertTrue(compared >= 120, `${compared} cells compared`);
  assertTrue(different > 0, "float32 rounding moved no pixel, so the exception is not needed");
});

Deno.test("createHog() sums cells as if they were pooled directly", () => {
  fc.assert(
    fc.property(bytes(24, 24), (pixels) => {
      const cells = [2, 4, 6, 12, 24], nested = bytesHog(pixels, 24, 24, cells);
      cells.forEach((cell, i) => assertTrue(largest(nested[i], bytesHog(pixels, 24, 24, [cell])[0]) < 2e-7, `${cell}`));
    }),
    { numRuns: 20 },
  );
});

Deno.test("createHog() reads at the offset, writes at the image's place and keeps nothing of the last image", () => {
  const random = randomStream(6, "test"), size = 3 * 8 * 8;
  const pixels = Uint8Array.from({ length: 2 * size }, () => random.integer(256)),
    batch = [new Float32Array(2 * 4 * 27)];
  const hog = createHog({ height: 8, width: 8, cells: [4] });
  hog(pixels, size, batch, 1);
  assertEqual(batch[0].subarray(0, 108), new Float32Array(108));
  hog(pixels, 0, batch, 0);
  assertEqual(batch[0].slice(0, 108), bytesHog(pixels.subarray(0, size), 8, 8, [4])[0]);
  assertEqual(batch[0].slice(108), bytesHog(pixels.subarray(size), 8, 8, [4])[0]);
});

Deno.test("createHog() gives zeros where an image is flat", () => {
  assertEqual(bytesHog(new Uint8Array(3 * 8 * 8).fill(200), 8, 8, [4])[0], new Float32Array(108));
});

Deno.test("createHog() refuses cells that do not tile or nest", async () => {
  const make = (cells: number[]) => () => createHog({ height: 24, width: 12, cells });
  await assertRejects(make([8]), "Cannot compute HOG in cells of 8: want a divisor of height 24 and width 12");
  await assertRejects(make([4, 6]), "Cannot nest cells of 6: want a multiple of the smallest, 4");
  await assertRejects(make([]), "want at least one");
  await assertRejects(make([1.5]), "Cannot compute HOG in cells of 1.5");
});

Deno.test("dmjdHog() gives the hand-computed histogram of a vertical and a horizontal edge", () => {
  // Central differences are 8 in two of four columns (rows): 8 pixels of 16, mean 4.
  const pixels = image(4, 4, [edges.vertical.at, edges.horizontal.at]);
  const histogram = dmjdHog(pixels, { height: 4, width: 4, cell: 4, channels: 2 });
  assertEqual([...histogram], [4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0]);
});

Deno.test("whitenBins() gives every cell mean 0 and variance 1 - eps, an empty cell zeros", () => {
  const white = whitenBins([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  // Mean 1/9, variance 8/81; float32 rounding of numbers up to 3.
  assertAlmostEqual(white[0], 8 / 9 / Math.sqrt(8 / 81 + 1e-5), 3e-7);
  assertAlmostEqual(white[1], -1 / 9 / Math.sqrt(8 / 81 + 1e-5), 3e-7);
  assertEqual(white.slice(9), new Float32Array(9));
});
