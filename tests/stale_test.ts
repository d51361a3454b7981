import { canonicalJson } from "../records/canonical.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import {
  assertRefused,
  filesBelow,
  run,
  runWell,
  settings,
  TINY,
  TINY_CI as TINY_SCALE,
  writeImages,
} from "./commandTools.ts";
import { inFolder } from "./reportTools.ts";
import { contents, folderOf, planned, recordsOf, repro } from "./reproTools.ts";

/** Records apart from the folders of phases, which are compared. */
const TINY_CI = [...TINY_SCALE, "--out", "results"];

const LOCALMIM = [...TINY_CI, "--rows", "localmim", "--threads", "1"];

/** Changes a file of JSON, which stays canonical. */
async function edit(path: string, change: (value: Record<string, unknown>) => unknown): Promise<void> {
  const value = JSON.parse(await Deno.readTextFile(path));
  change(value);
  await Deno.writeTextFile(path, canonicalJson(value));
}

/** Checks that a command is refused in one line with the words, and that it changes no file. */
async function refusedAsItIs(folder: string, args: readonly string[], ...words: string[]): Promise<void> {
  const before = await contents(folder), ended = await run("table17", folder, ...args);
  const last = ended.err.trimEnd().split("\n").at(-1)!;
  assertRefused({ ...ended, err: `${last}\n` }, ...words);
  const after = await contents(folder);
  // A phase that was taken before leaves its record again, as the same bytes; the cache of decoded images is no result.
  const bytes = (files: Record<string, string>) =>
    Object.entries(files).filter(([name]) => !name.startsWith(".cache/")).map((
      [name, text],
    ) => [name, name.startsWith("results/") ? text.split(" ")[0] : text]);
  assertEqual(bytes(after), bytes(before));
}

Deno.test("a finished phase of other code, data, engine or key is refused by what differs, and kept", () =>
  inFolder(async (folder) => {
    const [{ phases: [pretrain] }] = await repro(folder, "thesis.table17", ...LOCALMIM);
    const place = `runs/${folderOf(pretrain)}`,
      path = `${folder}/${place}/record.json`,
      whole = await Deno.readTextFile(path);
    const other = "0".repeat(64), { hashes: { code, method, data }, engine } = JSON.parse(whole);
    type Hashes = { hashes: Record<string, unknown>; engine: Record<string, unknown> };
    const of = (value: unknown) => value as Hashes;
    const cases: [(value: Record<string, unknown>) => unknown, string][] = [
      [(value) => of(value).hashes.code = other, `hashes.code is "${other}" in record.json, "${code}" now; `],
      [(value) => of(value).hashes.method = other, `hashes.method is "${other}" in record.json, "${method}" now; `],
      [(value) => of(value).hashes.data = other, `data is "${other}" in record.json, "${data}" now; `],
      [(value) => value.key = other, `key is "${other}" in record.json, "${pretrain.key}" now; `],
      [
        (value) => of(value).engine.version = "9.9.9",
        `engine.version is "9.9.9" in record.json, "${engine.version}" now; `,
      ],
    ];
    for (const [change, words] of cases) {
      await Deno.writeTextFile(path, whole);
      await edit(path, change);
      await refusedAsItIs(folder, LOCALMIM, `Cannot use ${place}: ${words}want the same, or --fresh to start over`);
    }
    await Deno.writeTextFile(path, whole);
    await edit(path, (value) => of(value).hashes.code = other);
    assertRefused(await run("table17", folder, ...LOCALMIM), "or --any-code to go on with other code");
    const [{ phases }] = await repro(folder, "thesis.table17", ...LOCALMIM, "--any-code");
    assertEqual(phases.map(({ taken }) => taken), [true, true]);
    assertEqual(
      (await recordsOf(`${folder}/results`)).pretrain.map(({ hashes }) => hashes.code).sort(),
      [other, code].sort(),
    );

    for (const [text, words] of [["{", "it is no JSON"], ["{}", "at kind: "], ['{"schemaVersion":1}', "schema 1"]]) {
      await Deno.writeTextFile(path, text);
      await refusedAsItIs(folder, LOCALMIM, `Cannot use ${place}/record.json: `, words);
    }
    const fresh = await runWell("table17", folder, ...LOCALMIM, "--fresh");
    assertTrue(fresh.err.includes(`warning: --fresh replaces a broken phase in ${place}\n`), fresh.err);
  }));

Deno.test("an unfinished phase of other code is refused, by its phase.json as by its checkpoint", () =>
  inFolder(async (folder) => {
    const [phase] = planned(...LOCALMIM), place = `runs/${folderOf(phase)}`;
    // Killed before the first checkpoint: what is there says what was begun.
    const failed = await run("table17", folder, ...LOCALMIM, ...settings({ "pretrain.baseLr": 1e12 }));
    assertEqual(failed.code, 1);
    const [begun] = planned(...LOCALMIM, ...settings({ "pretrain.baseLr": 1e12 }));
    const path = `${folder}/runs/${folderOf(begun)}/phase.json`;
    await edit(path, (value) => (value.hashes as Record<string, string>).lock = "1".repeat(64));
    await refusedAsItIs(
      folder,
      [...LOCALMIM, ...settings({ "pretrain.baseLr": 1e12 })],
      `Cannot use runs/${folderOf(begun)}: hashes.lock is "${"1".repeat(64)}" in phase.json, `,
      "--fresh to start over, or --any-code to go on with other code",
    );
    await Deno.writeTextFile(path, "[");
    await refusedAsItIs(
      folder,
      [...LOCALMIM, ...settings({ "pretrain.baseLr": 1e12 })],
      `Cannot use runs/${folderOf(begun)}: phase.json is broken, want what a run has written there; or --fresh`,
    );
    assertEqual((await filesBelow(`${folder}/${place}`)).length, 0);
  }));

Deno.test("a finished phase is taken with its own threads, and refused with others, which the message names", () =>
  inFolder(async (folder) => {
    const [row, flags] = [["--rows", "localmim"], TINY_CI];
    await runWell("table17", folder, ...flags, ...row, "--threads", "1");
    await refusedAsItIs(
      folder,
      [...flags, ...row, "--threads", "2"],
      "engine.threads is 1 in record.json, 2 now; want the same, or --fresh to start over, or --threads 1",
    );
    // Without the flag: those that it was begun with, whatever the machine has.
    const { out } = await runWell("table17", folder, ...flags, ...row);
    assertTrue(/^engine compiled: .*, threads: 1$/m.test(out) && out.includes("\n0 phases were run"), out);
    // A row that is not there yet joins those that are.
    const more = await repro(folder, "thesis.table17", ...flags, "--rows", "localmim,vitfreeze");
    assertEqual(more.map(({ phases }) => phases.map(({ taken }) => taken)), [[true, true], [false, false]]);
    const { pretrain } = await recordsOf(`${folder}/results`);
    assertEqual(pretrain.map(({ engine }) => engine.threads), [1, 1]);
  }));

Deno.test("a finished phase of other images is refused, wherever they lie; the same images elsewhere are taken", () =>
  inFolder(async (folder) => {
    await writeImages(`${folder}/photos`);
    const sizes = settings({ "data.train": null, "data.test": null, "pretrain.batch": 4, "finetune.batch": 4 });
    const flags = [
      "--profile",
      "cifar10",
      "--rows",
      "localmim",
      ...TINY,
      ...sizes,
      "--threads",
      "1",
      "--out",
      "results",
    ];
    await runWell("table17", folder, ...flags, "--data", "photos");
    await Deno.rename(`${folder}/photos`, `${folder}/moved`);
    const [{ phases }] = await repro(folder, "thesis.table17", ...flags, "--data", "images=moved");
    assertEqual(phases.map(({ taken }) => taken), [true, true]);
    await Deno.copyFile(`${folder}/moved/train/cat/0.jpg`, `${folder}/moved/train/cat/1.jpg`);
    await refusedAsItIs(folder, [...flags, "--data", "moved"], ': data is "', '" in record.json, "', "want the same");
    await refusedAsItIs(
      folder,
      [...flags, "--data", "moved", "--any-code"],
      ': data is "',
      "want the same, or --fresh to start over",
    );
  }));

Deno.test("a phase does not start from weights that are missing, changed by a byte, of other code or under another key", () =>
  inFolder(async (folder) => {
    const [pretrain, finetune] = planned(...LOCALMIM), flags = [...LOCALMIM, "--phase", finetune.key];
    await runWell("table17", folder, ...LOCALMIM, "--phase", pretrain.key);
    const start = `runs/${folderOf(pretrain)}`, weights = `${folder}/${start}/weights-2.safetensors`;
    const whole = await Deno.readFile(weights),
      { pretrain: [{ weights: hashes }] } = await recordsOf(`${folder}/results`);

    await Deno.remove(weights);
    await refusedAsItIs(
      folder,
      flags,
      `Cannot start runs/${folderOf(finetune)} after epoch 2 of ${start}: weights were kept after 1; `,
      "want one of these, or --fresh to train it again",
    );
    const changed = whole.slice();
    changed[changed.length - 1] ^= 1;
    await Deno.writeFile(weights, changed);
    const noted = await run("table17", folder, ...flags);
    assertRefused(
      noted,
      `Cannot use ${start}/weights-2.safetensors: the SHA-256 of its weights is `,
      `, want ${hashes[2]} as recorded`,
    );
    await Deno.writeFile(weights, whole.subarray(0, whole.length - 1));
    assertRefused(await run("table17", folder, ...flags), `Cannot read ${start}/weights-2.safetensors: `);
    await Deno.writeFile(weights, whole);

    const record = `${folder}/${start}/record.json`, text = await Deno.readTextFile(record), other = "0".repeat(64);
    await edit(record, (value) => (value.hashes as Record<string, string>).code = other);
    await refusedAsItIs(folder, flags, `Cannot use ${start}: hashes.code is "${other}" in record.json, `, "--any-code");
    await Deno.writeTextFile(record, text);
    await edit(record, (value) => value.key = other);
    await refusedAsItIs(
      folder,
      flags,
      `Cannot start runs/${folderOf(finetune)} from ${start}: its record has key ${other}, want ${pretrain.key}`,
    );
    await Deno.writeTextFile(record, text);
    const [row] = await repro(folder, "thesis.table17", ...flags);
    assertEqual(row.phases.map(({ taken }) => taken), [null as unknown as boolean, false]);
  }));
