import type { Crop } from "./batches.ts";

/** What tells where a crop lies. */
export type CropPlace = Omit<Crop, "index">;

/**
 * Where the middles of a crop's patches lie in the whole image, squeezed to a square of as many patches: in its patches, the middle
 * of the first being 0; within those of the outermost ones.
 *
 * @param grid patches per side
 */
export function cropPlaces(
  grid: number,
  { box, width, height, flip }: CropPlace,
): { columns: number[]; rows: number[] } {
  const along = (start: number, extent: number, whole: number) =>
    Array.from({ length: grid }, (_, k) => {
      const place = (start + (k + 0.5) / grid * extent) / whole * grid - 0.5;
      return Math.min(Math.max(place, 0), grid - 1);
    });
  const columns = along(box.left, box.width, width);
  return { columns: flip ? columns.reverse() : columns, rows: along(box.top, box.height, height) };
}
