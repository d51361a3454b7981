import { UserError } from "../errors.ts";
import { createHog } from "./createHog.ts";
import { dmjdHog, whitenBins } from "./dmjdHog.ts";
import { edgeAngles } from "./edgeAngle.ts";
import type { HogScale, PictureHog, PictureHogOptions } from "./pictureHog.ts";

const CELLS = { localmim: [4, 8, 16, 32], dmjd: [8] };
const CHANNELS = 3;
const MOST_BINS = 180;

/**
 * The HOG of one RGB picture of any size, as the papers' targets are computed.
 *
 * Form "localmim" (thesis 3.3): Sobel gradients, mean over the cell, L2 norm 1 over the bins. Form "dmjd": central
 * differences, mean over the cell. A picture that whole cells do not fill loses a border, as wide on both sides.
 *
 * @param pixels RGB bytes, [height, width, 3], as `readImage` gives them
 * @throws {UserError} when the number of bytes, a cell size or another option does not fit
 * @example A picture of vertical stripes
 * ```ts
 * import { hogOf } from "@vitfreeze/vitfreeze/hog";
 * import { deepStrictEqual } from "node:assert";
 *
 * const width = 50, height = 40;
 * const pixels = Uint8Array.from({ length: height * width * 3 }, (_, i) => Math.floor(i / 3) % width % 8 < 4 ? 0 : 200);
 * const { box, scales, edgeAngles } = hogOf(pixels, { width, height, cells: [8, 16] });
 * deepStrictEqual(box, { left: 1, top: 4, width: 48, height: 32 });
 * const [small, large] = scales;
 * deepStrictEqual([small.rows, small.columns, large.rows, large.columns], [4, 6, 2, 3]);
 * deepStrictEqual(small.at(1, 2, 0), Float32Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0)); // bin 4: vertical edges
 * deepStrictEqual(edgeAngles[4], Math.PI / 2);
 * ```
 */
export function hogOf(pixels: Uint8Array, options: PictureHogOptions): PictureHog {
  const { width, height, form = "localmim", bins = 9, whiten } = options;
  if (!Object.hasOwn(CELLS, form)) refuse(`form ${JSON.stringify(form)}`, "localmim or dmjd");
  if (![width, height].every((side) => Number.isInteger(side) && side >= 2)) {
    refuse(`a picture of ${width} x ${height}`, "at least 2 x 2 pixels");
  }
  if (pixels.length !== width * height * CHANNELS) {
    const rgba = pixels.length === width * height * 4 ? ": these are RGBA" : "";
    refuse(`${pixels.length} bytes`, `${width * height * CHANNELS}, RGB of ${width} x ${height} pixels${rgba}`);
  }
  if (!(Number.isInteger(bins) && bins >= 1 && bins <= MOST_BINS)) refuse(`bins ${bins}`, `1 to ${MOST_BINS}`);
  if (whiten !== undefined && form !== "dmjd") refuse("whiten", "it left away: only form dmjd has it");
  const cells = cellsOf(options), tile = cells.reduce(leastCommonMultiple);
  const box = { left: 0, top: 0, width: width - width % tile, height: height - height % tile };
  if (box.width === 0 || box.height === 0) refuse(`cells of ${cells.join(", ")}`, `some that fit ${width} x ${height}`);
  box.left = Math.floor((width - box.width) / 2);
  box.top = Math.floor((height - box.height) / 2);
  const cut = cutOut(pixels, width, box), compute = form === "dmjd" ? dmjdValues : localmimValues;
  return {
    box,
    bins,
    edgeAngles: edgeAngles(form, bins),
    scales: compute(cut, box, cells, bins, whiten).map((values, k) => scaleOf(values, cells[k], box, bins)),
  };
}

type Size = Pick<PictureHog["box"], "width" | "height">;

function refuse(found: string, wanted: string): never {
  throw new UserError(`Cannot compute HOG with ${found}: want ${wanted}`);
}

function cellsOf({ width, height, form = "localmim", cells }: PictureHogOptions): readonly number[] {
  if (cells === undefined) {
    const fitting = CELLS[form].filter((cell) => cell <= Math.min(width, height));
    if (fitting.length === 0) refuse(`a picture of ${width} x ${height}`, `at least ${CELLS[form][0]} pixels a side`);
    return fitting;
  }
  const smallest = Math.min(...cells);
  const fits = (cell: number) => Number.isInteger(cell) && cell >= 1 && cell % smallest === 0;
  if (cells.length === 0 || !cells.every(fits)) {
    refuse(`cells ${JSON.stringify(cells)}`, "whole numbers of pixels, each a multiple of the smallest");
  }
  return cells;
}

function leastCommonMultiple(a: number, b: number): number {
  let [large, rest] = [a, b];
  while (rest > 0) [large, rest] = [rest, large % rest];
  return a / large * b;
}

/** The bytes of a part of a picture, [box.height, box.width, 3]. */
function cutOut(pixels: Uint8Array, width: number, box: PictureHog["box"]): Uint8Array {
  const row = box.width * CHANNELS, part = new Uint8Array(box.height * row);
  for (let y = 0; y < box.height; y++) {
    const from = ((box.top + y) * width + box.left) * CHANNELS;
    part.set(pixels.subarray(from, from + row), y * row);
  }
  return part;
}

function localmimValues(pixels: Uint8Array, { width, height }: Size, cells: readonly number[], bins: number) {
  const values = cells.map((cell) => new Float32Array(height / cell * (width / cell) * CHANNELS * bins));
  createHog({ height, width, cells, bins })(pixels, 0, values, 0);
  return values;
}

function dmjdValues(
  pixels: Uint8Array,
  { width, height }: Size,
  cells: readonly number[],
  bins: number,
  whiten?: boolean,
): Float32Array[] {
  const size = width * height;
  const planes = Uint8Array.from(
    { length: pixels.length },
    (_, i) => pixels[i % size * CHANNELS + Math.floor(i / size)],
  );
  return cells.map((cell) => {
    const histograms = dmjdHog(planes, { height, width, cell, bins }); // [3, rows, columns, bins]
    const count = height / cell * (width / cell), values = new Float32Array(histograms.length);
    for (let i = 0; i < count * CHANNELS; i++) {
      const from = (i % CHANNELS * count + Math.floor(i / CHANNELS)) * bins;
      values.set(histograms.subarray(from, from + bins), i * bins);
    }
    return whiten ? whitenBins(values, bins) : values;
  });
}

function scaleOf(values: Float32Array, cell: number, { width, height }: Size, bins: number): HogScale {
  const rows = height / cell, columns = width / cell;
  return {
    cell,
    rows,
    columns,
    values,
    at(row, column, channel) {
      const inside = (place: number, count: number) => Number.isInteger(place) && place >= 0 && place < count;
      if (!inside(row, rows) || !inside(column, columns) || !inside(channel, CHANNELS)) {
        const place = [row, column, channel].join(", ");
        throw new RangeError(`Cannot find the histogram ${place}: want one of ${rows} x ${columns} x ${CHANNELS}`);
      }
      const start = ((row * columns + column) * CHANNELS + channel) * bins;
      return values.subarray(start, start + bins);
    },
  };
}
