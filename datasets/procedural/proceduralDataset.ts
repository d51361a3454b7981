import { randomStream } from "../../core/random/stream.ts";
import { chooseClasses, type ClassChoice } from "../classes/chooseClasses.ts";
import type { ImageDataset, ImageSplit } from "../dataset.ts";
import { decodedImage } from "../sourceImage.ts";
import { render } from "./render.ts";
import { drawScene } from "./scene.ts";
import { SHAPES } from "./shapes.ts";
import { TEXTURES } from "./textures.ts";
import { sha256 } from "../../core/sha256.ts";

/** Counts up whenever the generator draws other images from the same parameters. */
const VERSION = 1;

/** The parameters that determine a procedural data set. */
export interface ProceduralOptions {
  /** Names the random numbers of all images. */
  seed: number;
  /** Number of training images. */
  train: number;
  /** Number of test images. */
  test: number;
  /** Side of the images in pixels. */
  size?: number;
  /** Classes to draw: names, or a number, the first ones in sorted order; all twelve when absent. */
  classes?: ClassChoice;
}

/**
 * Twelve balanced classes, three shapes in four textures each, that need both shape and texture to tell apart: every
 * shape comes in all textures and every texture on all shapes, at random place, size, phase, slight rotation and colours.
 *
 * Every image is drawn on demand from the stream (seed, "procedural", split, index), where split is 0 for training and
 * 1 for test; image i belongs to class i mod the number of classes.
 *
 * @throws {UserError} on an unknown class, or more classes than there are
 * @example
 * ```ts
 * import { proceduralDataset } from "@vitfreeze/vitfreeze/datasets";
 * import { deepStrictEqual } from "node:assert";
 *
 * const data = proceduralDataset({ seed: 0, train: 24, test: 12, size: 32, classes: 3 });
 * deepStrictEqual([data.classes.length, data.train.length, data.train.labels[4]], [3, 24, 1]);
 * const image = await data.train.load(4);
 * deepStrictEqual([image.width, image.height], [32, 32]);
 * ```
 */
export function proceduralDataset({ seed, train, test, size = 64, classes }: ProceduralOptions): ImageDataset {
  const all = Object.entries(SHAPES).flatMap(([shapeName, shape]) =>
    Object.entries(TEXTURES).map(([textureName, texture]) => ({ name: `${shapeName}-${textureName}`, shape, texture }))
  );
  const names = chooseClasses(all.map(({ name }) => name), classes, "procedural");
  const kinds = names.map((name) => all.find((kind) => kind.name === name)!);
  const chosen = kinds.length < all.length ? { classes: names } : {};
  const split = (position: number, length: number): ImageSplit => ({
    length,
    labels: Int32Array.from({ length }, (_, index) => index % kinds.length),
    load(index) {
      if (!(index >= 0 && index < length)) throw new RangeError(`Cannot draw image ${index}: want 0 … ${length - 1}`);
      const random = randomStream(seed, "procedural", position, index);
      const { shape, texture } = kinds[index % kinds.length];
      return decodedImage(render(random, drawScene(random), shape, texture, size), size, size);
    },
  });
  return {
    name: "procedural",
    classes: names,
    train: split(0, train),
    test: split(1, test),
    sha256: sha256(JSON.stringify({ procedural: VERSION, seed, train, test, size, ...chosen })),
    skipped: 0,
  };
}
