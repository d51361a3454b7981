import { createHog } from "../core/hog/createHog.ts";
import { edgeAngle, edgeAngles } from "../core/hog/edgeAngle.ts";
import { strokes } from "../commands/visualize/draw/glyphs.ts";
import { cellBins, dominant, unitBins } from "../commands/visualize/draw/orientation.ts";
import { styleOf } from "../commands/visualize/draw/row.ts";
import { maskCover, visibleVeil } from "../commands/visualize/draw/veil.ts";
import { wheelColour, wheelField } from "../commands/visualize/draw/wheel.ts";
import { assertAlmostEqual, assertEqual, assertTrue } from "./assert.ts";
import { grey } from "./visualizeTools.ts";

/** Directions of four bins. */
const FOUR = edgeAngles("localmim", 4);

/** Direction of the strongest stroke in the cell with an image's centre, in degrees counter-clockwise, in [0, 180). */
function drawnDirection(pixels: Uint8Array): number {
  const out = [new Float32Array(16 * 27)];
  createHog({ height: 32, width: 32, cells: [8] })(pixels, 0, out, 0);
  const found = strokes(cellBins(out[0], 9, "mean"), 4, edgeAngles("localmim", 9), 400).filter(({ from, to }) => {
    return Math.abs(from[0] + to[0] - 500) < 1e-6 && Math.abs(from[1] + to[1] - 500) < 1e-6;
  });
  const { from, to } = found.reduce((a, b) => a.value >= b.value ? a : b);
  const degrees = Math.atan2(from[1] - to[1], to[0] - from[0]) * 180 / Math.PI;
  return Math.round((degrees + 180) % 180);
}

Deno.test("strokes() draws one stroke per bin, centred in its cell, as long as the bin's value", () => {
  // Two by two cells on 200 units: bin 4 of 9 in the second, half of bin 0 in the third.
  const histogram = new Float32Array(36);
  histogram[9 + 4] = 1;
  histogram[18] = 0.5;
  const [upright, flat, ...others] = strokes(histogram, 2, edgeAngles("localmim", 9), 200);
  assertEqual(others, []);
  // A stroke of value 1 takes 0.94 of the cell's 100 units; coordinates of O(100) in float64.
  assertAlmostEqual(upright.from[0], 150, 1e-9);
  assertAlmostEqual(upright.to[0], 150, 1e-9);
  assertAlmostEqual(upright.from[1] - upright.to[1], 94, 1e-9);
  assertAlmostEqual((upright.from[1] + upright.to[1]) / 2, 50, 1e-9);
  const rise = flat.from[1] - flat.to[1], run = flat.to[0] - flat.from[0];
  assertAlmostEqual(Math.hypot(rise, run), 47, 1e-9);
  assertAlmostEqual(Math.atan2(rise, run) * 180 / Math.PI, 10, 1e-9);
  assertEqual([Math.round((flat.from[0] + flat.to[0]) / 2), Math.round((flat.from[1] + flat.to[1]) / 2)], [50, 150]);
});

Deno.test("strokes() leaves out negative, tiny and undefined values and cuts those above 1", () => {
  const found = strokes(Float32Array.of(-0.5, 0.001, NaN, 7), 1, edgeAngles("localmim", 4), 10);
  assertEqual(found.map(({ value }) => value), [1]);
});

Deno.test("glyphs lie along the edges of an image", () => {
  // Bins are 20 degrees wide and drawn at their middle; an edge at the border of two bins is in the upper one.
  assertEqual(drawnDirection(grey((x) => x < 20 ? 0 : 200)), 90); // vertical
  assertEqual(drawnDirection(grey((_, y) => y < 20 ? 0 : 200)), 10); // horizontal
  assertEqual(drawnDirection(grey((x, y) => 3 * (x + y))), 50); // rises to the right, 45 degrees
  assertEqual(drawnDirection(grey((x, y) => 3 * (x - y) + 100)), 130); // falls to the right, 135 degrees
  // Gradients (-1, 4), (1, 4) and (-2, 4) to the right and down: edges at 166, 14 and 153 degrees.
  assertEqual(drawnDirection(grey((x, y) => 4 * y - x + 40)), 170);
  assertEqual(drawnDirection(grey((x, y) => 4 * y + x)), 10);
  assertEqual(drawnDirection(grey((x, y) => 4 * y - 2 * x + 64)), 150);
});

Deno.test("dominant() gives one bin its middle, and opposite bins no strength", () => {
  for (let bin = 0; bin < 9; bin++) {
    const { angle, strength } = dominant(
      Float32Array.from({ length: 9 }, (_, i) => i === bin ? 0.5 : 0),
      0,
      edgeAngles("localmim", 9),
    );
    // A sum of one term, rounded in float64.
    assertAlmostEqual(angle, edgeAngle(bin, 9), 1e-12);
    assertAlmostEqual(strength, 0.5, 1e-12);
  }
  assertAlmostEqual(dominant(Float32Array.of(1, 0, 1, 0), 0, FOUR).strength, 0, 1e-12);
  assertAlmostEqual(dominant(Float32Array.of(-1, -1, 0.25, -1), 0, FOUR).strength, 0.25, 1e-12);
});

Deno.test("wheelColour() goes round once in half a turn, and grows dark with the strength", () => {
  const colour = (degrees: number, strength: number) => wheelColour({ angle: degrees * Math.PI / 180, strength });
  assertEqual([0, 30, 60, 90, 120, 150, 180].map((degrees) => colour(degrees, 1)), [
    "#ff0000",
    "#ffff00",
    "#00ff00",
    "#00ffff",
    "#0000ff",
    "#ff00ff",
    "#ff0000",
  ]);
  assertEqual([colour(0, 0.25), colour(0, 0), colour(90, 5)], ["#800000", "#000000", "#00ffff"]);
});

Deno.test("wheelField() gives every cell with a direction one square", () => {
  // Two by two cells of 4 bins: one bin, nothing, the same bin, another.
  const histogram = Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0);
  const paths = wheelField(histogram, 2, FOUR, 100).match(/fill="[^"]*" d="[^"]*"/g);
  const colours = [0, 2].map((bin) => wheelColour({ angle: edgeAngle(bin, 4), strength: 1 }));
  assertEqual(paths, [`fill="${colours[1]}" d="M1 1h1v1h-1z"`, `fill="${colours[0]}" d="M0 0h1v1h-1zM0 1h1v1h-1z"`]);
});

Deno.test("cellBins() takes the mean of the channels or one of them", () => {
  const values = Float32Array.of(1, 2, 3, 4, 8, 9, 10, 20, 30, 40, 50, 60);
  assertEqual([...cellBins(values, 2, "mean")], [4, 5, 30, 40]);
  assertEqual([...cellBins(values, 2, 1)], [3, 4, 30, 40]);
});

Deno.test("unitBins() gives every cell and channel L2 norm 1", () => {
  const unit = unitBins(Float32Array.of(3, -4, 0, 0, 0.3, 0.4), 2);
  [0.6, -0.8, 0, 0, 0.6, 0.8].forEach((wanted, i) => assertAlmostEqual(unit[i], wanted, 1e-7)); // float32
});

Deno.test("maskCover() hides masked patches, visibleVeil() veils cells by their visible share", () => {
  assertTrue(maskCover([1, 0, 0, 1], 2, 100).includes('d="M0 0h1v1h-1zM1 1h1v1h-1z"'), "masked patches");
  const veils = visibleVeil([1, 0.5, 0, 1], 2, 100).match(/d="[^"]*"|fill-opacity="[^"]*"/g);
  assertEqual(veils, ['d="M0 1h1v1h-1z"', 'fill-opacity="0.6"', 'd="M1 0h1v1h-1z"', 'fill-opacity="0.3"']);
  assertEqual(visibleVeil([1, 1, 1, 1], 2, 100), "");
});

Deno.test("styleOf() takes the wheel where a patch has 4 x 4 cells, unless told otherwise", () => {
  assertEqual([56, 28, 14, 7].map((side) => styleOf("auto", { side }, 14)), ["wheel", "glyph", "glyph", "glyph"]);
  assertEqual([styleOf("glyph", { side: 56 }, 14), styleOf("wheel", { side: 7 }, 14)], ["glyph", "wheel"]);
});
