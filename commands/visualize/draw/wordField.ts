import { element } from "./svg.ts";

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
  const squares = new Map<number, string>();
  words.forEach((word, k) =>
    squares.set(word, `${squares.get(word) ?? ""}M${k % side} ${Math.floor(k / side)}h1v1h-1z`)
  );
  const paths = [...squares].sort(([a], [b]) => a - b).map(([word, d]) =>
    element("path", { fill: wordColour(word), d })
  );
  return element("g", { transform: `scale(${size / side})`, "shape-rendering": "crispEdges" }, paths.join(""));
}
