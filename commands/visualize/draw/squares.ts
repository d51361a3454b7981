import { element } from "./svg.ts";

/** How squares are drawn: side of their grid, size of the panel, and colour and order of what they stand for. */
interface SquareStyle<Key> {
  side: number;
  size: number;
  fill(key: Key): string;
  order(a: Key, b: Key): number;
}

/**
 * One square per cell as SVG, those that stand for the same in one path.
 *
 * @param keys [side * side], row-major; none where nothing is drawn
 */
export function squareField<Key>(keys: Iterable<Key | undefined>, style: SquareStyle<Key>): string {
  const { side, size, fill, order } = style, squares = new Map<Key, string>();
  let cell = 0;
  for (const key of keys) {
    if (key !== undefined) {
      squares.set(key, `${squares.get(key) ?? ""}M${cell % side} ${Math.floor(cell / side)}h1v1h-1z`);
    }
    cell++;
  }
  if (squares.size === 0) return "";
  const paths = [...squares].sort(([a], [b]) => order(a, b)).map(([key, d]) => element("path", { fill: fill(key), d }));
  return element("g", { transform: `scale(${size / side})`, "shape-rendering": "crispEdges" }, paths.join(""));
}
