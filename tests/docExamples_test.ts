import { UserError } from "../core/errors.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { countTests } from "./run.ts";

const ROOT = new URL("../", import.meta.url).pathname;
/** Exports all of whose functions have an example. */
const ALL = ["schedules", "hog", "train", "report"];
/** Functions of the other exports that have one. */
const SOME = ["openDataset", "openImageFolder", "proceduralDataset", "loadWeights", "saveWeights", "exportWeights"];

interface Symbol {
  name: string;
  declarations: { kind: string; jsDoc?: { tags?: { kind: string }[] }; location: { filename: string } }[];
}

async function deno(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(stdout);
  if (!success) throw new UserError(`deno ${args[0]} failed`, ...text.split("\n"), new TextDecoder().decode(stderr));
  return text;
}

/** The functions that an export file shows, with the file of each and whether it has an example. */
async function functionsOf(name: string): Promise<{ name: string; file: string; example: boolean }[]> {
  const { nodes }: { nodes: Record<string, { symbols: Symbol[] }> } = JSON.parse(
    await deno("doc", "--json", `api/${name}.ts`),
  );
  return Object.values(nodes).flatMap(({ symbols }) => symbols).flatMap(({ name, declarations: [first] }) => {
    if (first.kind !== "function") return [];
    const example = (first.jsDoc?.tags ?? []).some(({ kind }) => kind === "example");
    return [{ name, file: new URL(first.location.filename).pathname, example }];
  });
}

Deno.test("the main public functions have examples, and every example runs", async () => {
  const names = ["schedules", "hog", "methods", "datasets", "train", "weights", "experiments", "report"];
  // By file as well: experiments declare by names by which train acts.
  const shown = new Map<string, { name: string; file: string; example: boolean }>();
  for (const name of names) {
    const functions = await functionsOf(name);
    assertTrue(functions.length > 0, `${name} shows no function`);
    if (ALL.includes(name)) {
      assertEqual(functions.filter(({ example }) => !example).map((each) => each.name), [], `${name} without example`);
    }
    for (const found of functions) shown.set(`${found.file} ${found.name}`, found);
  }
  const withExample = [...shown.values()].filter(({ example }) => example), named = withExample.map(({ name }) => name);
  assertEqual(SOME.filter((name) => !named.includes(name)), []);
  const files = [...new Set(withExample.map(({ file }) => file))].sort();
  // Types of all at once: deno test would look at those of each example's file again.
  await deno("check", "--quiet", "--doc", ...files);
  const counts = countTests(await deno("test", "-A", "--doc", "--no-check", ...files));
  assertEqual(counts, { passed: withExample.length, failed: 0, ignored: 0 });
});
