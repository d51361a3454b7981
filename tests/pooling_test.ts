import type { Environment } from "../reports/scales/environment.ts";
import { chosenValues, environmentsBySeed } from "../reports/tables/pooling.ts";
import type { Value } from "../reports/tables/values.ts";
import { assertEqual } from "./assert.ts";

const environment = (key: string) => ({ key, parts: {}, methods: {} }) as unknown as Environment;

/** Values of a row, "a1" being seed 1 in environment a. */
const values = (row: string, ...places: string[]): Value[] =>
  places.map((place) => ({
    row,
    column: "top1",
    seed: Number(place[1]),
    value: 0,
    timed: false,
    environment: environment(place[0]),
    records: [],
  }));

Deno.test("environmentsBySeed() puts that first in which most seeds can be compared, whatever more rows another has of one", () => {
  const all = [
    ...values("base", "a0", "a1", "b1", "b2", "b3"),
    ...values("own", "a0", "a1", "b1", "b2", "b3"),
    ...values("more", "a1"),
    // Two seeds of a row by itself compare nothing.
    ...values("more", "c0", "c1", "c2", "c3"),
  ];
  const found = environmentsBySeed(all);
  const keys = [...found].map(([seed, list]) => `${seed} ${list.map(({ key }) => key).join("")}`);
  assertEqual(keys.sort(), ["0 ac", "1 bac", "2 bc", "3 bc"]);
});

Deno.test("chosenValues() takes a seed's value where the baseline has one too, and keeps the others apart", () => {
  const order = new Map([[0, ["a", "b"].map(environment)], [1, ["a", "b"].map(environment)]]);
  const own = values("own", "a0", "b0", "a1", "b1"), base = values("base", "b0", "a1", "b1");
  const of = (base: Value[]) =>
    chosenValues(own, base, order).map(({ own, base, environment, apart }) => [
      own.seed,
      environment.key,
      base !== undefined,
      apart.map(({ environment }) => environment.key).join(),
    ]);
  assertEqual(of(base), [[0, "b", true, "a"], [1, "a", true, "b"]]);
  assertEqual(of([]), [[0, "a", false, "b"], [1, "a", false, "b"]]);
});
