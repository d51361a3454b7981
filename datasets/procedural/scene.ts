import type { Random } from "../../core/random/stream.ts";

/** RGB in [0, 255]. */
export type Colour = readonly [number, number, number];

/** What is drawn at random for one image, besides its class. Lengths are shares of the image's side. */
export interface Scene {
  background: Colour;
  fill: readonly [Colour, Colour];
  centre: readonly [number, number];
  radius: number;
  /** Rotations of shape and texture, in radians. */
  angle: number;
  textureAngle: number;
  period: number;
  phase: readonly [number, number];
  /** Brightness offsets of the background on a coarse grid, row-major [CLUTTER_SIDE, CLUTTER_SIDE]. */
  clutter: Float32Array;
}

/** Grid points per side of the background's clutter. */
export const CLUTTER_SIDE = 9;

const between = (random: Random, low: number, high: number) => low + (high - low) * random.uniform();

/** How far a colour's channels lie apart, at most. */
const SATURATION = 110;

/** A random hue at a given luma (ITU-R BT.601 weights). */
function colourOfLuma(random: Random, luma: number): Colour {
  const r = between(random, 0, SATURATION), g = between(random, 0, SATURATION), b = between(random, 0, SATURATION);
  const shift = luma - (0.299 * r + 0.587 * g + 0.114 * b);
  const cut = (value: number) => Math.min(Math.max(value, 0), 255);
  return [cut(r + shift), cut(g + shift), cut(b + shift)];
}

/**
 * Draws an image's colours, place, size, rotations and clutter. Both fill colours are brighter than the background, so
 * a pixel template finds something of the shape; which texture it is, neither a template nor the mean colour tells.
 */
export function drawScene(random: Random): Scene {
  const dark = between(random, 25, 75), bright = dark + between(random, 110, 150);
  const background = colourOfLuma(random, between(random, 0, dark * 0.6));
  const pair: [Colour, Colour] = [colourOfLuma(random, dark), colourOfLuma(random, bright)];
  const radius = between(random, 0.38, 0.46), reach = 0.5 - radius;
  return {
    background,
    fill: random.uniform() < 0.5 ? pair : [pair[1], pair[0]],
    centre: [0.5 + reach * between(random, -1, 1), 0.5 + reach * between(random, -1, 1)],
    radius,
    angle: between(random, -0.2, 0.2),
    textureAngle: between(random, -0.3, 0.3),
    period: between(random, 0.125, 0.1875),
    phase: [between(random, 0, 2 * Math.PI), between(random, 0, 2 * Math.PI)],
    clutter: Float32Array.from({ length: CLUTTER_SIDE * CLUTTER_SIDE }, () => between(random, -18, 18)),
  };
}
