import { squareField } from "./squares.ts";

/** Share of the circle of hues from one word to the next: that of the golden ratio, so that no few words share a hue. */
const STEP = 0.618034;
/** Per cent of lightness that words of nearly the same hue have. */
const LIGHTS = [35, 50, 65, 80];

/** The colour that stands for a word; how near two colours are says nothing of their words. */
export function wordColour(word: number): string {
  const hue = Math.round(360 * (word * STEP % 1)), light = LIGHTS[word % LIGHTS.length];
  return `hsl(${hue},70%,${light}%)`;
}

/**
 * Words as SVG: one square per patch.
 *
 * @param words [side * side], row-major
 * @param size of the panel
 */
export function wordField(words: Float32Array, side: number, size: number): string {
  return squareField(words, { side, size, fill: wordColour, order: (a, b) => a - b });
}
