import { maskFeatTarget } from "../../../core/methods/maskfeat/targets.ts";
import { getTensor } from "../../../core/safetensors/get.ts";
import type { SafetensorsFile } from "../../../core/safetensors/tensor.ts";
import { type Check, largestError, quantity } from "../check.ts";

/** Side of a cell of the released layer. */
const CELL = 8;
/** The same sums in the same order; a last digit of a square root. */
const TOLERANCE = 1e-6;

/**
 * Checks MaskFeat's target: images `x` [N, 3, S, S], its cells `hog_cell8` [N, 3, 9, rows, columns], also with Gaussians, and the
 * targets of patches of 8 and of 16 pixels.
 *
 * @throws {UserError} when a tensor is missing
 */
export function checkHogMaskfeat(file: SafetensorsFile): Promise<Check> {
  const floats = (key: string) => getTensor(file, key, Float32Array), { shape: [count, , size], data } = floats("x");
  const own = (patchSize: number, gaussian = false) =>
    Float32Array.from(
      Array.from({ length: count }, (_, image) => {
        const pixels = data.subarray(image * 3 * size ** 2, (image + 1) * 3 * size ** 2);
        return [...maskFeatTarget(pixels, { imageSize: size, patchSize, cell: CELL, gaussian })];
      }).flat(),
    );
  const quantities = [
    // The whole image as one patch: in the order of its cells.
    quantity("hog_cell8", largestError(own(size), floats("hog_cell8").data), TOLERANCE),
    quantity("hog_cell8_gauss16", largestError(own(size, true), floats("hog_cell8_gauss16").data), TOLERANCE),
    ...[8, 16].map((patch) => {
      const key = `target_patch${patch}`;
      return quantity(key, largestError(own(patch), floats(key).data), TOLERANCE);
    }),
  ];
  return Promise.resolve({ kind: "hog-maskfeat", quantities });
}
