import { ofCells } from "../../../core/masking/cells.ts";
import { maskOf } from "../../../core/masking/order.ts";
import { rectangleMask } from "../../../core/masking/rectangles.ts";
import { getTensor } from "../../../core/safetensors/get.ts";
import type { SafetensorsFile } from "../../../core/safetensors/tensor.ts";
import { type Check, quantity } from "../check.ts";

interface RectangleCase {
  case: string;
  grid: number;
  num_masking: number;
  min_patches: number;
}

interface CellsCase {
  case: string;
  kind: "simmim-cells";
  mask_patch: number;
  model_patch: number;
  count: number;
}

/** Values that differ. */
const differ = (found: ArrayLike<number>, expected: ArrayLike<number>) =>
  found.length === expected.length ? Array.from(found).filter((value, k) => value !== expected[k]).length : Infinity;

/**
 * Checks masks of rectangles from given draws, and SimMIM's cells from given permutations, value by value.
 *
 * @param file a fixture of kind "rect-masks"
 * @throws {UserError} when a tensor is missing
 */
export function checkRectangles(file: SafetensorsFile): Promise<Check> {
  const { cases } = JSON.parse(file.metadata.cfg) as { cases: (RectangleCase | CellsCase)[] };
  const quantities = cases.map((each) => {
    const { data } = getTensor(file, `${each.case}/mask`, Uint8Array);
    const found = "kind" in each ? cellsOf(file, each) : rectanglesOf(file, each);
    return quantity(`${each.case}: mask, values that differ`, differ(found, data), 0);
  });
  return Promise.resolve({ kind: "rect-masks", quantities });
}

function rectanglesOf(file: SafetensorsFile, { case: name, grid, num_masking, min_patches }: RectangleCase) {
  const floats = (key: string) => getTensor(file, `${name}/${key}`, Float32Array).data;
  const [areas, aspects] = [floats("u_area"), floats("u_logaspect")];
  const [tops, lefts] = ["top", "left"].map((key) => getTensor(file, `${name}/${key}`, Int32Array).data);
  let attempt = -1;
  return rectangleMask(grid, { count: num_masking, minPatches: min_patches }, {
    area: () => areas[++attempt],
    aspect: () => aspects[attempt],
    top: () => tops[attempt],
    left: () => lefts[attempt],
  }).mask;
}

function cellsOf(file: SafetensorsFile, { case: name, mask_patch, model_patch, count }: CellsCase): number[] {
  const { shape: [rows, cells], data } = getTensor(file, `${name}/perm`, Int32Array), size = mask_patch / model_patch;
  return Array.from({ length: rows }, (_, row) => {
    const order = data.subarray(row * cells, (row + 1) * cells);
    return [...ofCells(maskOf(order.subarray(count), order.subarray(0, count)), Math.sqrt(cells) * size, size).mask];
  }).flat();
}
