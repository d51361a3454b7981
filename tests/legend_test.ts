import { legendSentences } from "../commands/visualize/draw/legend.ts";
import { assertHolds, assertTrue } from "./assert.ts";

/** A figure of one view, whose masked cells alone are learned. */
const what = {
  cells: { kind: "hog", form: "localmim", norm: "length" },
  learned: "masked",
  views: 1,
  measure: "squared",
  bins: 9,
  glyphs: true,
  wheel: false,
  channels: false,
  raw: false,
} as const;

Deno.test("legendSentences() tells of normalisation, masked cells, pruning, and only of what is drawn", () => {
  const text = legendSentences(what).join(" ");
  assertHolds(text, [
    "a vertical edge is drawn at 90°, a horizontal one at 10°",
    "L2-normalised",
    "masked cells alone",
    "pruned",
  ]);
  assertTrue(text.includes("the same normalisation") && !text.includes("Colour fields"), text);
  const other = legendSentences({ ...what, glyphs: false, wheel: true, channels: true, raw: true }).join(" ");
  assertTrue(other.includes("one colour channel") && other.includes("raw") && !other.includes("Glyphs:"), other);
});

Deno.test("the legend of views says whose loss looks at what, and how targets are normalised", () => {
  const white = legendSentences({
    ...what,
    views: 2,
    learned: "all",
    cells: { kind: "hog", form: "dmjd", norm: "whitened" },
  }).join(" ");
  assertTrue(white.includes("a strip for each view") && white.includes("variance 1 over the bins"), white);
  assertTrue(white.includes("a branch of their own") && !white.includes("veil"), white);
  const pixels = legendSentences({ ...what, cells: { kind: "pixels", norm: "patch" } });
  assertTrue(pixels.join(" ").includes("veil") && !pixels.join(" ").includes("Glyphs"), pixels.join(" "));
});
