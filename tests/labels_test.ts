import fc from "fast-check";
import { csvText } from "../reports/figures/csv.ts";
import { spread } from "../reports/figures/labels.ts";
import { niceDomain } from "../reports/figures/niceDomain.ts";
import { placeLabels } from "../reports/figures/placeLabels.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { placedTexts } from "./svgText.ts";

Deno.test("spread() moves labels apart, keeps their order and no more than needed", () => {
  assertEqual(spread([0, 100], 15), [0, 100]);
  assertEqual(spread([50, 50], 10), [45, 55]);
  assertEqual(spread([0, 12, 13], 10), [-1.7, 8.3, 18.3]);
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 12 }), (positions) => {
    const sorted = positions.toSorted((a, b) => a - b), apart = spread(sorted, 15);
    // Places are rounded to a tenth of a pixel.
    assertTrue(apart.every((place, k) => k === 0 || place - apart[k - 1] >= 14.85), `${apart}`);
  }));
});

Deno.test("placeLabels() finds places that cover neither points nor each other", () => {
  const frame = { left: 0, right: 400, top: 0, bottom: 300 };
  const points = [[20, 150], [28, 150], [390, 150], [200, 5], [200, 295]].map(([x, y], k) => ({
    x,
    y,
    text: `name ${k}`,
  }));
  const places = placeLabels(points, [], frame);
  assertEqual(places.map(({ anchor }) => anchor)[2], "end");
  assertEqual(places[0].anchor === "start" && places[0].dy === 0, false);
});

Deno.test("niceDomain() is round, holds all values and is never empty", () => {
  assertEqual(niceDomain([78.07, 96.13]), [75, 100]);
  assertEqual(niceDomain([0, 0.41]), [0, 0.5]);
  assertEqual([niceDomain([50]), niceDomain([0, 5e-324])], [[47, 53], [-1, 1]]);
  fc.assert(fc.property(fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1 }), (values) => {
    const [low, high] = niceDomain(values);
    assertTrue(low < high && values.every((value) => value >= low - 1e-6 && value <= high + 1e-6), `${low} ${high}`);
  }));
});

Deno.test("csvText() quotes what needs it and leaves unknown cells empty", () => {
  const text = csvText(["a", "b"], [["x, y", 1 / 3], ['say "so"', null], ["two\nlines", 83.1]]);
  assertEqual(text, 'a,b\n"x, y",0.3333333333\n"say ""so""",\n"two\nlines",83.1\n');
});

Deno.test("placedTexts() finds where texts stand, however they are nested and anchored", () => {
  const svg =
    '<svg><g transform="translate(10,20)" text-anchor="end" font-size="10"><text x="5" y="1em">ab</text></g>' +
    '<g transform="rotate(-90)"><text>turned</text></g></svg>';
  const [only, ...others] = placedTexts(svg);
  assertEqual(others, []);
  assertEqual([only.text, only.right, only.top, only.bottom], ["ab", 15, 22.5, 32]);
  assertTrue(only.left > 0 && only.left < 5, `left ${only.left}`);
});
