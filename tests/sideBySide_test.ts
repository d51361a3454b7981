import fc from "fast-check";
import { sideBySide } from "../reports/figures/sideBySide.ts";
import { assertAlmostEqual, assertEqual, assertTrue } from "./assert.ts";

Deno.test("sideBySide() moves what lies too close together apart around its middle, and nothing else", () => {
  assertEqual(sideBySide([5, 1, 9], 2), [5, 1, 9]);
  assertEqual(sideBySide([5, 5, 9], 2), [4, 6, 9]);
  assertEqual(sideBySide([6, 5], 2), [6.5, 4.5]);
  assertEqual(sideBySide([4, 5, 9], 2), [3.5, 5.5, 9]);
  // 4 and 5 move to 3.5 and 5.5, for which 6 is too close: all three stand around 5.
  assertEqual(sideBySide([4, 5, 6], 2), [3, 5, 7]);
  assertEqual(sideBySide([], 2), []);
});

Deno.test("sideBySide() keeps the order, and leaves a gap between all", () => {
  const values = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1, maxLength: 12 });
  fc.assert(fc.property(values, fc.double({ min: 0.1, max: 20, noNaN: true }), (all, gap) => {
    const drawn = sideBySide(all, gap), order = all.map((_, k) => k).sort((a, b) => all[a] - all[b] || a - b);
    // Sums of doubles below 400 are exact to 1e-12.
    for (let k = 1; k < order.length; k++) assertTrue(drawn[order[k]] - drawn[order[k - 1]] >= gap - 1e-9, `${drawn}`);
    const sum = (of: number[]) => of.reduce((total, value) => total + value, 0);
    assertAlmostEqual(sum(drawn), sum(all), 1e-9);
  }));
});
