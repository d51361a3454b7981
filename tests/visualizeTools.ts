import type { StageView } from "../commands/visualize/view.ts";
import { assertEqual, assertTrue } from "./assert.ts";

/** A grey image of 32 pixels. */
export function grey(at: (x: number, y: number) => number): Uint8Array {
  return Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => at(Math.floor(i / 3) % 32, Math.floor(i / 96)));
}

/** A stage of 2 x 1 bins and channels in 4 cells, drawn by hand. */
export const byHand: StageView = {
  measure: "squared",
  stage: 0,
  view: 0,
  block: 1,
  side: 2,
  cellPixels: 4,
  target: new Float32Array(12),
  prediction: Float32Array.of(1, 1, 1, 2, 0, 0, 0, 0, 0, 3, 3, 3),
  weight: Float32Array.of(1, 0.5, 0, 0),
};

/** Fails unless tags are closed in order and attributes quoted; the renderer checks the rest. */
export function assertWellFormed(svg: string): void {
  const open: string[] = [];
  for (const [tag, closing, name, attributes, alone] of svg.matchAll(/<(\/?)([a-z]+)([^<>]*?)(\/?)>/gi)) {
    assertTrue(/^( [a-zA-Z0-9:-]+="[^"<>]*")*$/.test(attributes), `attributes of ${tag.slice(0, 80)}`);
    if (closing) assertEqual(open.pop(), name);
    else if (!alone) open.push(name);
  }
  assertEqual(open, []);
  assertTrue(!/NaN|Infinity|undefined|null/.test(svg), "a number is missing");
}
