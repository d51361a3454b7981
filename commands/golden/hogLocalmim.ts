import { UserError } from "../../core/errors.ts";
import { localmimHog } from "../../core/hog/localmimHog.ts";
import { getTensor } from "../../core/safetensors/get.ts";
import type { SafetensorsFile } from "../../core/safetensors/tensor.ts";
import { type Check, type Quantity, quantity } from "./check.ts";
import { fitBias } from "./fitBias.ts";
import { hogBounds } from "./hogBounds.ts";
import { unexplainedError } from "./hogExplained.ts";
import { checkGradients } from "./hogGradients.ts";
import { type Images, plane, readImages } from "./images.ts";

/** Float32 sums of up to cell^2 magnitudes, in another order than here, then divided by their norm. */
const valueTolerance = 1e-4;
/** Share of values that may differ because rounding chose another bin. */
const shareTolerance = 0.006;

/** One target of a fixture: the images' histograms at one cell size. */
interface Target {
  key: string;
  cell: number;
  bins: number;
  /** [images, cells, channels * bins] */
  values: Float32Array;
  bias: [number, number];
}

/**
 * Checks the LocalMIM target: `x` [N, C, H, W] and any of `pool<cell>[_bins<n>][_bias]` [N, cells, C * bins],
 * `gxy_ch<c>` [N, 2, H, W], `phase_ch<c>` [N, H, W].
 *
 * @throws {UserError} when `x` or every target is missing, or a shape does not fit
 */
export function checkHogLocalmim(file: SafetensorsFile): Promise<Check> {
  const images = readImages(file, Float32Array);
  const quantities: Quantity[] = [];
  let unknown = 0, targets = 0;
  for (const key of [...file.tensors.keys()].sort(byNumber)) {
    const pool = /^pool(\d+)(?:_bins(\d+))?(_bias)?$/.exec(key), raw = /^(gxy|phase)_ch(\d+)$/.exec(key);
    if (pool) {
      targets++;
      const [, cell, bins, biased] = pool;
      const target = readTarget(file, images, key, Number(cell), bins === undefined ? undefined : Number(bins));
      if (biased) target.bias = recoverBias(images, target);
      quantities.push(...checkTarget(images, target, biased !== undefined));
    } else if (raw) quantities.push(checkGradients(file, images, key, raw[1] === "gxy", Number(raw[2])));
    else if (key !== "x") unknown++;
  }
  if (targets === 0) {
    throw new UserError(`Cannot check ${file.name}: it holds no target, want a tensor pool<cell size>`);
  }
  quantities.push(quantity("tensors of unknown meaning", unknown, 0));
  return Promise.resolve({ kind: "hog-localmim", quantities });
}

const byNumber = new Intl.Collator("en", { numeric: true }).compare;

function readTarget(
  file: SafetensorsFile,
  images: Images<Float32Array>,
  key: string,
  cell: number,
  named?: number,
): Target {
  const { count, channels, height, width } = images, { shape, data } = getTensor(file, key, Float32Array);
  const cells = height / cell * (width / cell), bins = shape[2] / channels;
  const fits = shape.length === 3 && shape[0] === count && shape[1] === cells && Number.isInteger(bins) && bins > 0;
  if (!fits || bins !== (named ?? bins)) {
    const wanted = `[${count}, ${cells}, ${channels} * ${named ?? "bins"}]`;
    throw new UserError(`Cannot check ${file.name}: tensor '${key}' has shape [${shape.join(", ")}], want ${wanted}`);
  }
  return { key, cell, bins, values: data, bias: [0, 0] };
}

/** The bias from the first channel of all images; the comparison then covers the other channels too. */
function recoverBias(images: Images<Float32Array>, { cell, bins, values }: Target): [number, number] {
  const { count, channels, height, width } = images, cells = values.length / (count * channels * bins);
  return fitBias(Array.from({ length: count }, (_, image) => {
    const target = Float32Array.from({ length: cells * bins }, (_, i) => {
      return values[(image * cells + Math.floor(i / bins)) * channels * bins + i % bins];
    });
    return { plane: plane(images, image, 0), height, width, cell, bins, target };
  }));
}

function checkTarget(images: Images<Float32Array>, target: Target, biased: boolean): Quantity[] {
  const { key, cell, bins, values, bias } = target, { count, channels, height, width } = images;
  const cells = values.length / (count * channels * bins), found = { error: 0, beyond: 0, explained: 0 };
  for (let image = 0; image < count; image++) {
    for (let channel = 0; channel < channels; channel++) {
      const pixels = plane(images, image, channel), bounds = hogBounds(pixels, height, width, cell, bins, bias);
      const [own] = localmimHog(pixels, { height, width, cells: [cell], channels: 1, bins, bias });
      for (let at = 0; at < cells; at++) {
        const start = ((image * cells + at) * channels + channel) * bins;
        const { error, beyond } = compareCell(own.subarray(at * bins), values.subarray(start, start + bins));
        const explain = beyond > 0 && bounds.open[at] > 0;
        found.error = Math.max(found.error, explain ? unexplainedError(values, start, bounds, at, bins) : error);
        found.beyond += beyond;
        if (explain) found.explained++;
      }
    }
  }
  const fitted = biased ? `; bias recovered from the target: ${bias.map((value) => value.toFixed(6)).join(", ")}` : "";
  const cause = `${found.explained} cells differ by a pixel whose orientation is the edge of a bin`;
  const note = `${found.beyond} of ${values.length} values, ${cause}${fitted}`;
  return [
    quantity(`${key} unexplained error`, found.error, valueTolerance),
    quantity(`${key} share beyond ${valueTolerance}`, found.beyond / values.length, shareTolerance, note),
  ];
}

function compareCell(own: Float32Array, wanted: Float32Array): { error: number; beyond: number } {
  const differences = Array.from(wanted, (value, bin) => Math.abs(own[bin] - value));
  const beyond = differences.filter((difference) => !(difference <= valueTolerance)).length;
  return { error: Math.max(...differences), beyond };
}
