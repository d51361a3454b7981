import { join } from "node:path";
import { writeFolder } from "../commands/report/output.ts";
import { sha256 } from "../core/sha256.ts";
import { assertEqual, assertRejects } from "./assert.ts";
import { inFolder } from "./reportTools.ts";

const files = (entries: Record<string, string>) => new Map(Object.entries(entries));

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("writeFolder() writes every file and a manifest of their hashes", async () => {
  await inFolder(async (folder) => {
    const out = join(folder, "deep/out");
    assertEqual(await writeFolder(out, files({ "a.txt": "A", "sub/b.txt": "B" })), {
      written: 2,
      unchanged: 0,
      removed: 0,
    });
    assertEqual(await Deno.readTextFile(join(out, "sub/b.txt")), "B");
    assertEqual(JSON.parse(await Deno.readTextFile(join(out, "manifest.json"))), {
      "a.txt": sha256("A"),
      "sub/b.txt": sha256("B"),
    });
  });
});

Deno.test("writeFolder() leaves equal files alone and mends changed ones", async () => {
  await inFolder(async (out) => {
    await writeFolder(out, files({ a: "A", b: "B" }));
    await Deno.writeTextFile(join(out, "b"), "changed");
    assertEqual(await writeFolder(out, files({ a: "A", b: "B" })), { written: 1, unchanged: 1, removed: 0 });
    assertEqual(await Deno.readTextFile(join(out, "b")), "B");
  });
});

Deno.test("writeFolder() removes only what an earlier report wrote and nobody changed", async () => {
  await inFolder(async (folder) => {
    const out = join(folder, "out");
    await writeFolder(out, files({ old: "old", edited: "mine" }));
    await Deno.writeTextFile(join(out, "edited"), "yours");
    await Deno.writeTextFile(join(out, "notes"), "yours");
    assertEqual(await writeFolder(out, files({ a: "A" })), { written: 1, unchanged: 0, removed: 1 });
    assertEqual(names(out), ["a", "edited", "manifest.json", "notes"]);
  });
});

Deno.test("writeFolder() leaves alone what no report wrote, and knows one that was stopped half-way", async () => {
  await inFolder(async (folder) => {
    const out = join(folder, "out"), path = join(out, "README.md");
    await Deno.mkdir(out);
    await Deno.writeTextFile(path, "mine");
    await assertRejects(
      () => writeFolder(out, files({ "README.md": "report", a: "A" })),
      `Cannot write the report to ${out}: README.md is there, and no report wrote it; want an empty folder in --out`,
    );
    assertEqual([names(out), await Deno.readTextFile(path)], [["README.md"], "mine"]);
    await Deno.remove(path);
    // Its manifest was written, and one of its files.
    await Deno.writeTextFile(join(out, "manifest.json"), JSON.stringify({ a: sha256("A"), b: sha256("B") }));
    await Deno.writeTextFile(join(out, "a"), "A");
    assertEqual(await writeFolder(out, files({ a: "new", b: "B" })), { written: 2, unchanged: 0, removed: 0 });
  });
});

Deno.test("writeFolder() never follows a manifest out of the folder, nor trips over a strange one", async () => {
  await inFolder(async (folder) => {
    const out = join(folder, "out");
    await Deno.mkdir(out);
    await Deno.writeTextFile(join(folder, "precious"), "p");
    for (const manifest of [JSON.stringify({ "../precious": sha256("p") }), "{", "[1]", "null"]) {
      await Deno.writeTextFile(join(out, "manifest.json"), manifest);
      assertEqual((await writeFolder(out, files({ a: "A" }))).removed, 0);
      assertEqual(names(folder), ["out", "precious"]);
    }
  });
});
