import { pathToFileURL } from "node:url";
import { phaseKey } from "../records/phase.ts";
import { codeHashes, hashesOf } from "../training/identity.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { inFolder } from "./reportTools.ts";

/** Files of a made-up repository. */
const FILES = [
  ..."cli/args.ts core/errors.ts core/methods/method.ts core/methods/mod.ts core/methods/localmim/config.ts".split(" "),
  ..."core/methods/other/config.ts core/methods/other/deep/part.ts datasets/classes/in5.yaml datasets/mod.ts".split(
    " ",
  ),
  ..."distributed/job.ts records/phase.ts training/loop.ts training/phases/knn.ts".split(" "),
  ..."experiments/mod.ts reports/model.ts commands/repro/main.ts tests/x_test.ts docs/data.md deno.lock".split(" "),
];

async function inTree(
  use: (tree: { hashes: typeof codeHashes; write(path: string, text: string): Promise<void> }) => Promise<void>,
) {
  await inFolder(async (folder) => {
    const write = async (path: string, text: string) => {
      await Deno.mkdir(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${folder}/${path}`, text);
    };
    for (const path of FILES) await write(path, `// ${path}\n`);
    await use({ hashes: () => codeHashes(pathToFileURL(`${folder}/`)), write });
  });
}

Deno.test("codeHashes() leave out what a table says, what a person starts, and how it is reported", () =>
  inTree(async ({ hashes, write }) => {
    const before = await hashes();
    assertEqual(Object.keys(before.methods).sort(), ["localmim", "other"]);
    for (
      const path of [
        "experiments/thesis/table99.ts",
        "experiments/mod.ts",
        "core/methods/methods.ts",
        "commands/repro/main.ts",
        "commands/new/main.ts",
        "reports/model.ts",
        "tests/x_test.ts",
        "docs/data.md",
        "training/README.md",
        "core/golden.safetensors",
      ]
    ) {
      await write(path, "// a comment\n");
      assertEqual(await hashes(), before, path);
    }
  }));

Deno.test("codeHashes(): each folder that computes changes the code's hash, by content and by name of file", () =>
  inTree(async ({ hashes, write }) => {
    let before = await hashes();
    const changes: [string, string][] = [
      ["cli/args.ts", "//"],
      ["core/errors.ts", "//"],
      ["core/methods/method.ts", "//"],
      ["core/methods/mod.ts", "//"],
      ["datasets/mod.ts", "//"],
      ["datasets/classes/in5.yaml", "- cat"],
      ["distributed/job.ts", "//"],
      ["records/phase.ts", "//"],
      ["training/loop.ts", "//"],
      ["training/phases/knn.ts", "//"],
      ["training/phases/new.ts", ""],
    ];
    for (const [path, text] of changes) {
      await write(path, text);
      const now = await hashes();
      assertTrue(now.code !== before.code, `${path} leaves the code's hash as it is`);
      assertEqual({ ...now, code: before.code }, before, path);
      before = now;
    }
    await write("deno.lock", "another version");
    const now = await hashes();
    assertTrue(now.lock !== before.lock, "the lock file leaves its hash as it is");
    assertEqual({ ...now, lock: before.lock }, before);
  }));

Deno.test("codeHashes(): a method's folder changes the hash of that method alone, and a new one adds its own", () =>
  inTree(async ({ hashes, write }) => {
    const before = await hashes();
    await write("core/methods/localmim/config.ts", "//");
    const changed = await hashes();
    assertTrue(changed.methods.localmim !== before.methods.localmim, "want another hash of localmim");
    assertEqual({ ...changed, methods: { ...changed.methods, localmim: before.methods.localmim } }, before);
    await write("core/methods/other/deep/part.ts", "//");
    const { methods, ...rest } = await hashes();
    assertTrue(methods.other !== changed.methods.other, "want another hash of the other method");
    assertEqual([methods.localmim, rest.code], [changed.methods.localmim, before.code]);
    await write("core/methods/localmim2/config.ts", "//");
    const more = await hashes();
    assertEqual(Object.keys(more.methods).sort(), ["localmim", "localmim2", "other"]);
    assertEqual({ ...more, methods: { localmim: more.methods.localmim, other: more.methods.other } }, {
      ...rest,
      methods,
    });
  }));

Deno.test("codeHashes(): a method's hash covers the methods that it builds on, and theirs", () =>
  inTree(async ({ hashes, write }) => {
    await write("core/methods/other/config.ts", 'import { a } from "../localmim/config.ts";\n');
    await write("core/methods/third/config.ts", 'import { a } from "../other/config.ts";\n');
    const before = await hashes();
    await write("core/methods/localmim/config.ts", "//");
    const now = await hashes(),
      changed = Object.keys(now.methods).filter((name) => now.methods[name] !== before.methods[name]);
    assertEqual(changed.sort(), ["localmim", "other", "third"]);
    await write("core/methods/other/deep/part.ts", "//");
    const last = await hashes();
    assertEqual([last.methods.localmim, last.methods.third === now.methods.third], [now.methods.localmim, false]);
  }));

Deno.test("hashesOf(): a pre-training depends on its method's folder, what starts from its weights does not", () => {
  const hashes = { code: "c", methods: { localmim: "m", other: "o" }, lock: "l" }, data = { source: "procedural" };
  const own = { seed: 0, data: { ...data, classes: null, train: null } };
  const pretrain = { kind: "pretrain" as const, ...own, config: { method: { name: "localmim" } } };
  assertEqual(hashesOf(pretrain, hashes), { code: "c", method: "m", lock: "l" });
  const finetune = { kind: "finetune" as const, ...own, config: {}, from: { phase: pretrain } };
  assertEqual(hashesOf(finetune, hashes), { code: "c", lock: "l" });
  assertTrue(phaseKey(pretrain) !== phaseKey(finetune), "two phases of one key");
});
