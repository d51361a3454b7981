import { join } from "node:path";
import { parse } from "yaml";
import { CLASS_SUBSETS, classSubset, isClassSubset, openDataset, proceduralDataset } from "../datasets/mod.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { inFolder } from "./reportTools.ts";
import { writeImages } from "./commandTools.ts";

const TABLE3 = new URL("../reports/published/thesis/table03.yaml", import.meta.url);
const TINY = new URL("../../shared/data/tiny-imagenet-100.classes.tsv", import.meta.url);

/** All lists by name. */
async function subsets() {
  const lists = await Promise.all(CLASS_SUBSETS.map(async (name) => [name, await classSubset(name)] as const));
  return Object.fromEntries(lists) as Record<typeof CLASS_SUBSETS[number], string[]>;
}

Deno.test("classSubset() has as many sorted classes as the name says, and the thesis's Table 3", async () => {
  const lists = await subsets();
  for (const [name, classes] of Object.entries(lists)) {
    assertEqual([classes.length, new Set(classes).size], Array(2).fill(Number(/\d+/.exec(name)![0])), name);
    assertEqual(classes, classes.toSorted(), name);
  }
  const { rows } = parse(await Deno.readTextFile(TABLE3)) as { rows: { key: string; values: { codes: string } }[] };
  const printed = rows.map(({ key, values }) => [key, values.codes.split(", ").sort()]);
  const { in5, in10, in25, in100 } = lists;
  assertEqual(printed, Object.entries({ in5, in10, in25, in100 }));
  assertTrue([...in5, ...in10, ...in25].every((wnid) => in100.includes(wnid)), "all lie in IN-100");
  const shared = (a: string[], b: string[]) => a.filter((wnid) => b.includes(wnid)).length;
  assertEqual([shared(in5, in10), shared(in5, in25), shared(in10, in25)], [0, 0, 3]);
});

Deno.test("classSubset() takes Tiny-ImageNet's smaller lists from the larger ones by the rule it states", async () => {
  const { tiny5, tiny10, tiny25, tiny100 } = await subsets();
  for (const [small, large] of [[tiny5, tiny10], [tiny10, tiny25], [tiny25, tiny100]]) {
    const places = small.map((_, k) => Math.floor(k * large.length / small.length));
    assertEqual(small, places.map((place) => large[place]));
  }
  const there = await Deno.readTextFile(TINY).catch(() => undefined);
  if (there === undefined) return console.log(`skipped in part: ${TINY.pathname} is not there`);
  const [, ...lines] = there.trim().split("\n");
  assertEqual(tiny100, lines.map((line) => line.split("\t")[0]).sort());
});

Deno.test("isClassSubset() knows the eight names and no other", () => {
  assertEqual(CLASS_SUBSETS.filter(isClassSubset).length, 8);
  assertEqual(["in50", "tiny", "IN5", "", "constructor"].filter(isClassSubset), []);
});

Deno.test("openDataset() takes the first classes in sorted order, and says how many there are", () =>
  inFolder(async (folder) => {
    const path = join(folder, "set"), cacheFolder = join(folder, "cache");
    await writeImages(path);
    const open = (classes?: number | string[]) => openDataset({ path, cacheFolder, classes });
    const all = await open(), two = await open(2);
    assertEqual([all.classes, two.classes], [["cat", "dog", "eel"], ["cat", "dog"]]);
    assertEqual([...two.train.labels], [0, 0, 0, 0, 1, 1, 1, 1]);
    assertEqual([(await open(3)).sha256, (await open(["dog", "cat"])).sha256], [all.sha256, two.sha256]);
    const wanted = "found 3 classes, want a number from 1 to 3";
    for (const count of [4, 0, -1, 1.5, NaN]) {
      await assertRejects(() => open(count), `Cannot take ${count} classes of ${path}: ${wanted}`);
    }
    await assertRejects(() => open(1), "found 1 class, want at least 2");
    await assertRejects(() => open([]), "found 0 classes, want at least 2");
    await assertRejects(
      () => open(["eel", "fox", "ape", "cat"]),
      `Cannot take class ape of ${path}: 2 of the 4 asked for are not there, want some of cat, dog, eel (3 there)`,
    );
  }));

Deno.test("openDataset() draws procedural images of some classes", async () => {
  const open = (classes?: number | string[]) =>
    openDataset({ path: "procedural", maxTrain: 7, maxTest: 3, size: 16, classes });
  const all = await open(), three = await open(3);
  assertEqual([three.classes, [...three.train.labels]], [all.classes.slice(0, 3), [0, 1, 2, 0, 1, 2, 0]]);
  const named = await open(["triangle-bars", "disc-bars"]);
  assertEqual([named.classes, [...named.test.labels]], [["disc-bars", "triangle-bars"], [0, 1, 0]]);
  assertEqual(all.classes, all.classes.toSorted());
  const whole = proceduralDataset({ seed: 0, train: 7, test: 3, size: 16 }).sha256;
  assertEqual([all.sha256, (await open(12)).sha256], [whole, whole]);
  assertEqual(new Set([whole, three.sha256, named.sha256]).size, 3);
  // Image 1 is of the second of the chosen classes, drawn as the same class's image of the whole set would be there.
  const pixels = async (set: typeof all, index: number) =>
    await (await set.train.load(index)).crop({ left: 0, top: 0, width: 16, height: 16 }, 16);
  assertEqual(await pixels(three, 1), await pixels(all, 1));
  assertTrue((await pixels(named, 1)).join() !== (await pixels(all, 1)).join(), "another shape");
  await assertRejects(() => open(13), "Cannot take 13 classes of procedural: found 12 classes, want a number from 1");
  await assertRejects(() => open(["cube-bars"]), "Cannot take class cube-bars of procedural: 1 of the 1 asked for");
});
