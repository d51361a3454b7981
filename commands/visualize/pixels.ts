import type { CellKind } from "../../core/methods/view.ts";
import { IMAGENET_MEAN, IMAGENET_STD, toPlanar } from "../../datasets/transforms/normalize.ts";
import type { FieldPictures } from "./draw/field.ts";
import type { Picture } from "./draw/figure.ts";
import { pictureUri } from "./render.ts";
import type { StageView } from "./view.ts";

/** Deviations from the mean that black and white are, where normalised values are drawn as they are. */
const REACH = 2.5;
/** Added to a patch's variance (MAE code). */
const EPS = 1e-6;

/**
 * Pixels of cells as an image.
 *
 * @param values [side * side, 3 * cellPixels ** 2], channels outermost
 * @param image the input, normalised, [3, S, S]: mean and deviation of each patch are its own where values are normalised by patch
 * @param raw whether such values are drawn as they are, grey at 0
 * @returns RGB bytes, [S, S, 3]
 */
export function cellPicture(
  values: Float32Array,
  { side, cellPixels }: Pick<StageView, "side" | "cellPixels">,
  norm: "image" | "patch",
  image: Float32Array,
  raw: boolean,
): Uint8ClampedArray {
  const S = side * cellPixels, each = 3 * cellPixels ** 2, bytes = new Uint8ClampedArray(3 * S * S);
  for (let cell = 0; cell < side * side; cell++) {
    const top = Math.floor(cell / side) * cellPixels, left = cell % side * cellPixels;
    const places = Array.from({ length: each }, (_, k) => {
      const c = Math.floor(k / cellPixels ** 2),
        y = top + Math.floor(k / cellPixels) % cellPixels,
        x = left + k % cellPixels;
      return { c, at: y * S + x };
    });
    const own = places.map(({ c, at }) => image[c * S * S + at]), mean = own.reduce((a, b) => a + b) / each;
    const spread = Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (each - 1) + EPS);
    places.forEach(({ c, at }, k) => {
      const value = values[cell * each + k];
      bytes[3 * at + c] = 255 *
        (norm === "image"
          ? value * IMAGENET_STD[c] + IMAGENET_MEAN[c]
          : raw
          ? 0.5 + value / REACH / 2
          : (value * spread + mean) * IMAGENET_STD[c] + IMAGENET_MEAN[c]);
    });
  }
  return bytes;
}

/** The pictures of what stages predict, and their ids by stage; none where no pixels are predicted. */
export async function fieldPictures(
  id: string,
  stages: readonly StageView[],
  cells: CellKind,
  pixels: Uint8Array,
  raw: boolean,
): Promise<{ ids: FieldPictures[]; pictures: Picture[] }> {
  if (cells.kind !== "pixels") return { ids: [], pictures: [] };
  const image = new Float32Array(pixels.length), pictures: Picture[] = [], ids: FieldPictures[] = [];
  toPlanar(pixels, image, 0);
  const add = async (name: string, values: Float32Array, stage: StageView) => {
    const drawn = cellPicture(values, stage, cells.norm, image, raw);
    pictures.push({ id: name, href: await pictureUri(new Uint8Array(drawn.buffer), stage.side * stage.cellPixels) });
    return name;
  };
  const targets = new Map<number, string>();
  for (const stage of stages) {
    const own = `${id}-stage-${stage.stage + 1}`;
    if (!targets.has(stage.stage)) targets.set(stage.stage, await add(`${own}-target`, stage.target, stage));
    ids.push({
      target: targets.get(stage.stage)!,
      ...(stage.prediction && { prediction: await add(`${own}-view-${stage.view + 1}`, stage.prediction, stage) }),
    });
  }
  return { ids, pictures };
}
