import { loadPublished, loadPublishedTable } from "../reports/sources/published.ts";
import { publishedTableSchema } from "../reports/sources/publishedSchema.ts";
import { loadPublishedWorks } from "../reports/sources/publishedWorks.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";

Deno.test("loadPublished() reads every file of reports/published", async () => {
  let read = 0;
  for (const paper of ["thesis", "vitfreeze", "dmjd"]) {
    for (const { name } of Deno.readDirSync(`reports/published/${paper}`)) {
      const id = `${paper}.${name.replace(".yaml", "")}`;
      assertEqual((await loadPublished(id)).id, id);
      read++;
    }
  }
  assertEqual(read, 49);
});

Deno.test("loadPublished() says in one line what it wants", async () => {
  await assertRejects(
    () => loadPublished("../table17"),
    "Cannot read published '../table17': want e.g. thesis.table17",
  );
  await assertRejects(() => loadPublished("thesis.table99"), "table99.yaml: no such file");
});

Deno.test("a published table needs a value, or null, in every column of every row", async () => {
  const table = await loadPublishedTable("thesis.table17"), [first, ...rest] = table.rows;
  const problem = (values: typeof first.values) =>
    publishedTableSchema.safeParse({ ...table, rows: [{ ...first, values }, ...rest] }).error?.issues[0].message;
  assertEqual(problem({ ...first.values, top1: null }), undefined);
  const { top1: _top1, ...without } = first.values;
  assertEqual(problem(without), "row localmim lacks top1");
  assertEqual(problem({ ...first.values, top2: 1 }), "row localmim has top2, which is no column");
});

Deno.test("loadPublishedWorks() holds every file of reports/published, tables first", async () => {
  const ids = [...(await loadPublishedWorks()).keys()];
  assertEqual([ids.length, ids[0], ids[20], ids.at(-1)], [49, "thesis.table01", "thesis.figure01", "dmjd.crosschecks"]);
  for (const paper of ["thesis", "vitfreeze", "dmjd"]) {
    const names = [...Deno.readDirSync(`reports/published/${paper}`)].map(({ name }) => name.replace(".yaml", ""));
    assertEqual(ids.filter((id) => id.startsWith(`${paper}.`)).sort(), names.map((name) => `${paper}.${name}`).sort());
  }
});

Deno.test("reports/published equals the reference copy where there is one", async () => {
  for (const paper of ["thesis", "vitfreeze", "dmjd"]) {
    const reference = `../shared/published/${paper}`;
    if (!exists(reference)) return console.log(`skipped: no ${reference}`);
    for (const { name } of Deno.readDirSync(reference)) {
      if (!name.endsWith(".yaml")) continue;
      const copy = await Deno.readTextFile(`reports/published/${paper}/${name}`);
      assertTrue(copy === await Deno.readTextFile(`${reference}/${name}`), `${paper}/${name} differs`);
    }
  }
});

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
