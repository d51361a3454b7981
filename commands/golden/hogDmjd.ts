import { UserError } from "../../core/errors.ts";
import { dmjdHog, whitenBins } from "../../core/hog/dmjdHog.ts";
import { getTensor } from "../../core/safetensors/get.ts";
import type { SafetensorsFile } from "../../core/safetensors/tensor.ts";
import { type Check, largestError, quantity } from "./check.ts";
import { readImages } from "./images.ts";

/**
 * Checks the DMJD target: bytes `x` [N, C, H, W], histogram `hog` [N, C, rows, columns, bins] and the same whitened, `white`.
 *
 * @throws {UserError} when a tensor is missing or a shape does not fit
 */
export function checkHogDmjd(file: SafetensorsFile): Promise<Check> {
  const { count, channels, height, width, data } = readImages(file, Uint8Array);
  const hog = getTensor(file, "hog", Float32Array), white = getTensor(file, "white", Float32Array);
  const [rows, columns, bins] = hog.shape.slice(2), cell = height / rows;
  const wanted = [count, channels, height / cell, width / cell, bins];
  if (!Number.isInteger(cell) || hog.shape.join() !== wanted.join() || white.shape.join() !== wanted.join()) {
    const found = `[${hog.shape.join(", ")}] and [${white.shape.join(", ")}]`;
    throw new UserError(
      `Cannot check ${file.name}: 'hog' and 'white' have shapes ${found}, want both [${count}, ${channels}, rows, columns, bins]`,
    );
  }
  const size = channels * height * width, cells = channels * rows * columns * bins;
  const own = new Float32Array(count * cells);
  for (let image = 0; image < count; image++) {
    const pixels = data.subarray(image * size, (image + 1) * size);
    own.set(dmjdHog(pixels, { height, width, cell, channels, bins }), image * cells);
  }
  const quantities = [
    // Float32 sums of cell^2 magnitudes of up to 361, taken in another order.
    quantity("hog", largestError(own, hog.data), 1e-4),
    quantity("white", largestError(whitenBins(own, bins), white.data), 1e-4),
  ];
  return Promise.resolve({ kind: "hog-dmjd", quantities });
}
