import { type CropPlace, cropPlaces } from "../cropPlaces.ts";

/**
 * Words of the patches of a crop, out of those of the whole image: each patch's is that of the patch in which its middle lies. A
 * tokenizer that saw the crop itself would tell others.
 *
 * @param words of the whole image, squeezed to a square, [grid, grid]
 * @returns [grid * grid]
 */
export function cropWords(words: ArrayLike<number>, grid: number, crop: CropPlace): Float32Array {
  const { columns, rows } = cropPlaces(grid, crop), found = new Float32Array(grid * grid);
  rows.forEach((row, y) =>
    columns.forEach((column, x) => found[y * grid + x] = words[Math.round(row) * grid + Math.round(column)])
  );
  return found;
}
