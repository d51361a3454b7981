import { UserError } from "../../core/errors.ts";
import { getTensor } from "../../core/safetensors/get.ts";
import type { SafetensorsFile } from "../../core/safetensors/tensor.ts";
import { type Check, type Quantity, quantity } from "./check.ts";

/** Patches per side of a cell of the block-wise pattern. */
const cellSide = 2;

/** The masks of two views of every image, view 1 of all images first. */
interface Views {
  prefix: string;
  block: boolean;
  maskRatio: number;
  /** Rows: views of all images. */
  rows: number;
  tokens: number;
  mask: Float32Array;
  keep: number[];
  restore: number[];
}

/**
 * Checks the properties of disjoint masks (DMJD, Ma et al. 2023, section III-B, in the form of the released code): per
 * `<rand|block>_<ratio>`, `_mask` [2 * images, tokens], `_keep` [2 * images, visible], `_restore` [2 * images, tokens].
 *
 * @throws {UserError} when a tensor is missing or a shape does not fit
 */
export function checkDmjdMasks(file: SafetensorsFile): Promise<Check> {
  const prefixes = [...file.tensors.keys()].flatMap((key) => /^((?:rand|block)_[\d.]+)_mask$/.exec(key)?.[1] ?? []);
  if (prefixes.length === 0) {
    throw new UserError(`Cannot check ${file.name}: it holds no masks, want tensors <rand|block>_<ratio>_mask`);
  }
  const quantities = prefixes.sort().flatMap((prefix) => checkViews(readViews(file, prefix)));
  return Promise.resolve({ kind: "dmjd-masks", quantities });
}

function readViews(file: SafetensorsFile, prefix: string): Views {
  const mask = getTensor(file, `${prefix}_mask`, Float32Array), [rows, tokens] = mask.shape;
  const keep = getTensor(file, `${prefix}_keep`, BigInt64Array);
  const restore = getTensor(file, `${prefix}_restore`, BigInt64Array);
  const [pattern, ratio] = prefix.split("_");
  const fits = mask.shape.length === 2 && rows % 2 === 0 && keep.shape.length === 2 && keep.shape[0] === rows &&
    restore.shape.join() === mask.shape.join() &&
    (pattern === "rand" || Number.isInteger(Math.sqrt(tokens) / cellSide));
  if (!fits) {
    const shapes = [mask, keep, restore].map(({ shape }) => `[${shape.join(", ")}]`).join(", ");
    const wanted = "[2 * images, tokens], [2 * images, visible], [2 * images, tokens]";
    throw new UserError(`Cannot check ${file.name}: masks '${prefix}' have shapes ${shapes}, want ${wanted}`);
  }
  return {
    prefix,
    block: pattern === "block",
    maskRatio: Number(ratio),
    rows,
    tokens,
    mask: mask.data,
    keep: Array.from(keep.data, Number),
    restore: Array.from(restore.data, Number),
  };
}

/** Counts of what the released rule fixes; a draw decides the rest. */
function checkViews(views: Views): Quantity[] {
  const { prefix, block, maskRatio, rows, tokens, mask } = views;
  const perUnit = block ? cellSide ** 2 : 1, units = tokens / perUnit;
  const masked = (units - Math.floor(units * (1 - maskRatio))) * perUnit;
  const fresh = Math.floor(Math.min(1 - maskRatio, maskRatio) * units) * perUnit;
  const covered = Math.min(tokens, masked + fresh);
  const error = { masked: 0, covered: 0, visible: 0, shared: 0 };
  for (let row = 0; row < rows; row++) {
    const count = mask.subarray(row * tokens, (row + 1) * tokens).reduce((sum, value) => sum + value, 0);
    error.masked = Math.max(error.masked, Math.abs(count - masked));
  }
  for (let image = 0; image < rows / 2; image++) {
    const { either, both, neither } = overlap(views, image);
    error.covered = Math.max(error.covered, Math.abs(either - covered));
    error.visible = Math.max(error.visible, Math.abs(neither - (tokens - covered)));
    error.shared = Math.max(error.shared, Math.abs(both - (2 * masked - covered)));
  }
  return [
    quantity(`${prefix} masked per view`, error.masked, 0, `want ${masked} of ${tokens}`),
    quantity(`${prefix} masked in either view`, error.covered, 0, `want ${covered} of ${tokens}`),
    quantity(`${prefix} visible in both views`, error.visible, 0, `want ${tokens - covered}`),
    quantity(`${prefix} masked in both views`, error.shared, 0, `want ${2 * masked - covered}`),
    quantity(`${prefix} keep, restore and mask that disagree`, disagreements(views), 0),
    ...(block ? [quantity(`${prefix} cells masked in part`, brokenCells(views), 0)] : []),
  ];
}

function overlap({ rows, tokens, mask }: Views, image: number): { either: number; both: number; neither: number } {
  const second = (image + rows / 2) * tokens, count = { either: 0, both: 0, neither: 0 };
  for (let i = 0; i < tokens; i++) {
    const sum = mask[image * tokens + i] + mask[second + i];
    if (sum >= 1) count.either++;
    if (sum === 2) count.both++;
    if (sum === 0) count.neither++;
  }
  return count;
}

/** Tokens whose place in the shuffled order, place in `keep` or mask value contradict each other. */
function disagreements({ rows, tokens, mask, keep, restore }: Views): number {
  const visible = keep.length / rows;
  let wrong = 0;
  for (let row = 0; row < rows; row++) {
    const places = new Set(restore.slice(row * tokens, (row + 1) * tokens));
    wrong += tokens - places.size;
    for (let i = 0; i < tokens; i++) {
      const place = restore[row * tokens + i], kept = place < visible;
      const agrees = mask[row * tokens + i] === (kept ? 0 : 1) && place >= 0 && place < tokens;
      if (!agrees || (kept && keep[row * visible + place] !== i)) wrong++;
    }
  }
  return wrong;
}

/** Cells of 2 x 2 patches of which not all or none are masked. */
function brokenCells({ rows, tokens, mask }: Views): number {
  const grid = Math.sqrt(tokens), cells = grid / cellSide;
  let broken = 0;
  for (let row = 0; row < rows; row++) {
    for (let cell = 0; cell < cells * cells; cell++) {
      const first = row * tokens + Math.floor(cell / cells) * cellSide * grid + (cell % cells) * cellSide;
      const sum = mask[first] + mask[first + 1] + mask[first + grid] + mask[first + grid + 1];
      if (sum !== 0 && sum !== cellSide ** 2) broken++;
    }
  }
  return broken;
}
