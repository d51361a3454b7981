/** Share of the second fill colour at a point, in [0, 1]; coordinates in radians of the texture's period. */
export type Texture = (x: number, y: number) => number;

/** Turns a wave in [-1, 1] into two colours with narrow soft edges. */
function bands(wave: number): number {
  const value = 0.5 + 2 * wave;
  return value < 0 ? 0 : value > 1 ? 1 : value;
}

/** Two orientations, crossing everywhere. */
const checks: Texture = (x, y) => bands(1.6 * Math.sin(x) * Math.sin(y));

/** All orientations: winding blobs. */
const marble: Texture = (x, y) =>
  bands(Math.sin(1.1 * x + 1.9 * Math.sin(0.63 * y)) + Math.sin(0.9 * y + 2.1 * Math.sin(0.71 * x + 1)));

/** One orientation: upright. */
const stripes: Texture = (x) => bands(Math.sin(x));

/** One orientation: level. */
const bars: Texture = (_, y) => bands(Math.sin(y));

/** The fillings of the procedural data set, by name; each covers about half of the area with either colour. */
export const TEXTURES: Readonly<Record<string, Texture>> = { bars, checks, marble, stripes };
