import { Arena } from "../core/engine/arena.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";

const specs = [{ name: "a", shape: [3, 5] }, { name: "b", shape: [17] }, { name: "c", shape: [] }];

Deno.test("Arena keeps every tensor and region apart, each on a cache line", () => {
  const arena = new Arena(specs, 5), regions = ["value", "moment1", "moment2", "gradient", "sum"] as const;
  const places = specs.flatMap(({ name }) => regions.map((region): [string, typeof regions[number]] => [name, region]));
  places.forEach(([name, region], i) => arena.view(name, region).fill(i + 1));
  places.forEach(([name, region], i) => {
    assertEqual([...new Set(arena.view(name, region))], [i + 1], `${name} ${region}`);
    assertEqual(arena.address(name, region) % 64, 0);
  });
  assertEqual(specs.map(({ name }) => [arena.padded(name), arena.view(name).length]), [[16, 15], [32, 17], [16, 1]]);
  assertEqual(arena.names(), ["a", "b", "c"]);
  assertEqual([arena.shape("a"), arena.has("c"), arena.has("d")], [[3, 5], true, false]);
});

Deno.test("Arena names what it cannot lay out or find", async () => {
  await assertRejects(() => new Arena([...specs, specs[0]]), "'a' is there twice");
  await assertRejects(() => new Arena(specs).view("d"), "Cannot find parameter 'd': the arena holds 3 others");
  await assertRejects(() => new Arena([{ name: "huge", shape: [2 ** 28] }], 5), "5.0 GiB wanted, 4 GiB fit");
  assertTrue(new Arena([]).names().length === 0, "an empty arena has names");
});
