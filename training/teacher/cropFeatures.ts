import { type CropPlace, cropPlaces } from "../cropPlaces.ts";

/**
 * Features of the patches of a crop, out of those of the whole image: each patch's by the place of its middle, between the four
 * nearest middles (bilinear), as RoIAlign takes them. A teacher that saw the crop itself would give others.
 *
 * @param map features of the whole image, squeezed to a square, [grid, grid, dim]
 * @returns [grid * grid, dim]
 */
export function cropFeatures(map: Float32Array, grid: number, crop: CropPlace): Float32Array {
  const dim = map.length / grid ** 2, found = new Float32Array(map.length), places = cropPlaces(grid, crop);
  const columns = places.columns.map((place) => neighbours(place, grid));
  const rows = places.rows.map((place) => neighbours(place, grid));
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

/** The middles before and behind a place, and how near it is to the latter. */
function neighbours(place: number, count: number): [before: number, behind: number, share: number] {
  const before = Math.floor(place);
  return [before, Math.min(before + 1, count - 1), place - before];
}
