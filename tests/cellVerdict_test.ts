import { ratioVerdict, valueVerdict } from "../reports/judging/cellVerdict.ts";
import { assertEqual } from "./assert.ts";

Deno.test("ratioVerdict() goes by the whole interval: below the print and its doubt, above it, or across", () => {
  // Printed 0.875, so 0.885 is the highest.
  const of = (mean: number, half: number | null, change: number | null = 0) =>
    ratioVerdict({ n: 5, mean, half }, 0.875, change);
  assertEqual([of(0.88, 0.004), of(0.7, 0.1), of(0.885, 0)], ["reproduced", "reproduced", "reproduced"]);
  assertEqual([of(0.88, 0.006), of(0.89, 0.006)], ["inconclusive", "inconclusive"]);
  assertEqual(of(0.89, 0.004), "not reproduced");
  assertEqual([of(0.7, null), of(0.7, 0.01, 0.031), of(0.7, 0.01, null)], new Array(3).fill("inconclusive"));
});

Deno.test("valueVerdict() goes by the whole interval on either side of the print", () => {
  const of = (mean: number, half: number | null) => valueVerdict({ n: 3, mean, half }, 83, 0.2);
  assertEqual([of(83.125, 0.0625), of(82.875, 0.0625)], ["reproduced", "reproduced"]);
  assertEqual([of(83.125, 0.125), of(82.75, 0.125)], ["inconclusive", "inconclusive"]);
  assertEqual([of(83.5, 0.125), of(82.5, 0.125)], ["not reproduced", "not reproduced"]);
  assertEqual(of(83, null), "inconclusive");
});
