import type { MeasuredCell } from "../reports/model.ts";
import { pairsOf } from "../reports/render/pairs.ts";
import { assertEqual } from "./assert.ts";

type Seed = [seed: number, environment: string, value: number];

function cell(values: Seed[], apart: Seed[] = []): MeasuredCell {
  const of = (seeds: Seed[]) => seeds.map(([seed, environment, value]) => ({ seed, environment, value }));
  return {
    mean: NaN,
    half: null,
    n: values.length,
    difference: null,
    verdict: "no print",
    values: of(values),
    ...(apart.length > 0 && { apart: of(apart) }),
  };
}

Deno.test("pairsOf() pairs seeds of one environment, one pair a seed, those that count for the means first", () => {
  const one = cell([[0, "a", 1], [1, "a", 2], [2, "a", 3]], [[0, "b", 10], [1, "b", 20]]);
  assertEqual(pairsOf(one, cell([[0, "a", 5], [1, "b", 7], [2, "b", 9]], [[0, "b", 50]])), [
    { own: 1, other: 5 },
    { own: 20, other: 7 },
  ]);
  assertEqual(pairsOf(one, cell([[3, "a", 5]])), []);
  assertEqual(pairsOf(cell([[2, "b", 9]]), cell([[2, "a", 3]], [[2, "b", 4]])), [{ own: 9, other: 4 }]);
});
