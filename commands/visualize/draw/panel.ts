import { type Layout, LINES_ABOVE } from "./layout.ts";
import { element, moved, text } from "./svg.ts";

/** A panel at x with its title above and captions below, as SVG. */
export function drawPanel(
  { size, font, line }: Layout,
  x: number,
  content: string,
  title: string,
  captions: readonly string[] = [],
): string {
  const top = LINES_ABOVE * line, below = captions.map((words, i) => text(0, top + size + (i + 1) * line, font, words));
  return moved(x, 0, text(0, line + font, font, title) + moved(0, top, content) + below.join(""));
}

/** A grey panel that says why it shows nothing. */
export function emptyPanel({ size, font }: Layout, words: string): string {
  return element("rect", { width: size, height: size, fill: "#dddddd" }) + text(font, size / 2, font, words);
}
