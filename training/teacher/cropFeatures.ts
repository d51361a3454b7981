import type { Batch, Crop } from "../batches.ts";
import type { FeatureMaps } from "./featureMaps.ts";

/**
 * Features of the patches of a crop, out of those of the whole image: each patch's by the place of its middle, between the four
 * nearest middles (bilinear), as RoIAlign takes them. A teacher that saw the crop itself would give others.
 *
 * @param map features of the whole image, squeezed to a square, [grid, grid, dim]
 * @returns [grid * grid, dim]
 */
export function cropFeatures(
  map: Float32Array,
  grid: number,
  { box, width, height, flip }: Omit<Crop, "index">,
): Float32Array {
  const dim = map.length / grid ** 2, found = new Float32Array(map.length);
  const along = (start: number, extent: number, whole: number) =>
    Array.from({ length: grid }, (_, k) => neighbours((start + (k + 0.5) / grid * extent) / whole * grid - 0.5, grid));
  const columns = along(box.left, box.width, width), rows = along(box.top, box.height, height);
  if (flip) columns.reverse();
  rows.forEach(([top, bottom, lower], y) =>
    columns.forEach(([left, right, farther], x) => {
      const at = (y * grid + x) * dim;
      const corners = [[top, left], [top, right], [bottom, left], [bottom, right]].map(([row, column]) =>
        (row * grid + column) * dim
      );
      const shares = [(1 - lower) * (1 - farther), (1 - lower) * farther, lower * (1 - farther), lower * farther];
      for (let d = 0; d < dim; d++) {
        let sum = 0;
        for (let k = 0; k < 4; k++) sum += shares[k] * map[corners[k] + d];
        found[at + d] = sum;
      }
    })
  );
  return found;
}

/** The middles before and behind a place, and how near it is to the latter; at the border both are the outermost one. */
function neighbours(place: number, count: number): [before: number, behind: number, share: number] {
  const inside = Math.min(Math.max(place, 0), count - 1), before = Math.min(Math.floor(inside), count - 1);
  return [before, Math.min(before + 1, count - 1), inside - before];
}

/** Batches with the features of their crops. */
export async function* withFeatures(batches: AsyncGenerator<Batch>, maps: FeatureMaps): AsyncGenerator<Batch> {
  for await (const batch of batches) {
    const parts = await Promise.all(batch.crops.map(async (crop) => {
      return cropFeatures(await maps.read(crop.index), maps.grid, crop);
    }));
    const features = new Float32Array(parts.length * parts[0].length);
    parts.forEach((part, k) => features.set(part, k * part.length));
    yield { ...batch, features };
  }
}
