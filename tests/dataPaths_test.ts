import { join } from "node:path";
import { parseDataPaths } from "../datasets/mod.ts";
import { assertEqual, assertRejects } from "./assert.ts";
import { inFolder } from "./reportTools.ts";

Deno.test("parseDataPaths() takes paths, and paths by the name of their source", () => {
  const cases: [string[], [string, string][]][] = [
    [[], []],
    [["data/x.tar"], [["images", "data/x.tar"]]],
    [["aerial=/a/b.zip", "data/x"], [["aerial", "/a/b.zip"], ["images", "data/x"]]],
    [["in-1k_2=x=y"], [["in-1k_2", "x=y"]]],
    [["images=x"], [["images", "x"]]],
  ];
  for (const [words, paths] of cases) assertEqual([...parseDataPaths(words)], paths);
});

Deno.test("parseDataPaths() takes a word with = that is there for a path", () =>
  inFolder(async (folder) => {
    const path = join(folder, "lr=0.1");
    await assertRejects(() => parseDataPaths([path]), /^Cannot use --data '.*lr=0\.1': the name .* has other than a-z/);
    await Deno.writeTextFile(path, "x");
    assertEqual([...parseDataPaths([path, `other=${path}`])], [["images", path], ["other", path]]);
  }));

Deno.test("parseDataPaths() refuses empty parts, false names and a second path for a source", async () => {
  const cases: [string[], string][] = [
    [[""], "Cannot use --data '': the path is empty, want PATH or NAME=PATH"],
    [["x="], "Cannot use --data 'x=': the path is empty"],
    [["=x"], "Cannot use --data '=x': the name is empty"],
    [["Photos=x"], "the name Photos has other than a-z, 0-9, _ and -, or does not start with a letter"],
    [["2x=y"], "the name 2x has other than"],
    [["a", "b"], "Cannot use --data b: images is a already, want one path for each source"],
    [["a", "images=a"], "Cannot use --data images=a: images is a already"],
    [["q=a", "q=b"], "Cannot use --data q=b: q is a already"],
  ];
  for (const [words, wanted] of cases) await assertRejects(() => parseDataPaths(words), wanted);
});
