import { loadPublished } from "../reports/sources/published.ts";
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
