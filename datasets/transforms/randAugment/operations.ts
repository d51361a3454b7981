import type { Random } from "../../../core/random/stream.ts";
import { affine, type AffineMatrix, rotation } from "./affine.ts";
import { brightness, color, contrast, sharpness } from "./enhance.ts";
import { autoContrast, equalize, invert, posterize, solarize, solarizeAdd } from "./tone.ts";

/** An RGB image, u8 HWC [height, width, 3]. */
export interface Rgb {
  pixels: Uint8Array;
  width: number;
  height: number;
}

/**
 * One operation at a strength.
 *
 * @param level share of the highest magnitude, in [0, 1]
 * @param random decides the sign where the operation has two directions
 * @param fill RGB of pixels that come from outside the image
 */
export type Operation = (image: Rgb, level: number, random: Random, fill: readonly number[]) => Uint8Array;

const signed = (value: number, random: Random) => random.uniform() > 0.5 ? -value : value;

/** Enhancement factor 1 ± 0.9 level, at least 0.1. */
const factor = (level: number, random: Random) => Math.max(0.1, 1 + signed(0.9 * level, random));

const warp = ({ pixels, width, height }: Rgb, matrix: AffineMatrix, fill: readonly number[]) =>
  affine(pixels, width, height, matrix, fill);

/**
 * The fifteen operations of RandAugment (Cubuk et al. 2020) in timm's "increasing" form, where a higher level always
 * changes the image more, with timm's ranges: rotation 30 degrees, shear 0.3, translation 0.45 of the side, posterise 4
 * down to 0 bits, solarise from 256 down to 0, add up to 110.
 */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  AutoContrast: ({ pixels }) => autoContrast(pixels),
  Equalize: ({ pixels }) => equalize(pixels),
  Invert: ({ pixels }) => invert(pixels),
  Rotate: (image, level, random, fill) =>
    warp(image, rotation(signed(30 * level, random), image.width, image.height), fill),
  PosterizeIncreasing: ({ pixels }, level) => posterize(pixels, 4 - Math.trunc(4 * level)),
  SolarizeIncreasing: ({ pixels }, level) => solarize(pixels, 256 - Math.trunc(256 * level)),
  SolarizeAdd: ({ pixels }, level) => solarizeAdd(pixels, Math.trunc(110 * level)),
  ColorIncreasing: ({ pixels }, level, random) => color(pixels, factor(level, random)),
  ContrastIncreasing: ({ pixels }, level, random) => contrast(pixels, factor(level, random)),
  BrightnessIncreasing: ({ pixels }, level, random) => brightness(pixels, factor(level, random)),
  SharpnessIncreasing: ({ pixels, width }, level, random) => sharpness(pixels, factor(level, random), width),
  ShearX: (image, level, random, fill) => warp(image, [1, signed(0.3 * level, random), 0, 0, 1, 0], fill),
  ShearY: (image, level, random, fill) => warp(image, [1, 0, 0, signed(0.3 * level, random), 1, 0], fill),
  TranslateXRel: (image, level, random, fill) =>
    warp(image, [1, 0, signed(0.45 * level, random) * image.width, 0, 1, 0], fill),
  TranslateYRel: (image, level, random, fill) =>
    warp(image, [1, 0, 0, 0, 1, signed(0.45 * level, random) * image.height], fill),
};
