import { join } from "node:path";
import { writeSafetensors } from "../core/safetensors/write.ts";
import { sha256 } from "../core/sha256.ts";
import { loadWeights } from "../training/weights/load.ts";
import { openWeights } from "../training/weights/source.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { run } from "./commandTools.ts";
import { inFolder } from "./reportTools.ts";
import { encoder, OPTIONS, save, tensor, WIDTH } from "./foreignTools.ts";

Deno.test("what holds no weights is named, and the index of several files is followed", () =>
  inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    const kinds: Record<string, [string, RegExp]> = {
      "lfs.pth": [
        "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 343249461\n",
        /it is a Git LFS pointer to 343249461 bytes/,
      ],
      "page.pth": ["<!DOCTYPE html><html>", /it is a page of HTML or XML/],
      "empty.pth": ["", /it is empty/],
      "x.pth": ["{}", /it is JSON/],
      "x.json": ["{}", /it names no tensor, want an index/],
      "text.pth": ["hello", /it begins with 68 65 6c 6c, want a safetensors file/],
    };
    for (const [name, [text, want]] of Object.entries(kinds)) {
      await Deno.writeTextFile(at(name), text);
      await assertRejects(() => openWeights(at(name)), want);
    }
    const names = Object.keys(encoder()),
      part = (k: number) => Object.fromEntries(Object.entries(encoder()).filter((_, n) => n % 2 === k));
    for (const k of [0, 1]) await save(at(`model-0000${k + 1}-of-00002.safetensors`), part(k));
    const weight_map = Object.fromEntries(
      names.map((name, n) => [name, `model-0000${n % 2 + 1}-of-00002.safetensors`]),
    );
    const index = at("model.safetensors.index.json");
    await Deno.writeTextFile(index, JSON.stringify({ metadata: {}, weight_map }));
    await save(at("whole.safetensors"), encoder());
    const [found, whole] = [await loadWeights(index, OPTIONS), await loadWeights(at("whole.safetensors"), OPTIONS)];
    assertEqual(found.tensors, whole.tensors);
    const lines = [sha256(await Deno.readFile(index))];
    for (const k of [1, 2]) {
      const file = `model-0000${k}-of-00002.safetensors`;
      lines.push(`${sha256(await Deno.readFile(at(file)))}  ${file}`);
    }
    assertEqual(found.sha256, sha256(`${lines.join("\n")}\n`));
    await Deno.writeTextFile(
      index,
      JSON.stringify({ weight_map: { ...weight_map, "no.such": "model-00001-of-00002.safetensors" } }),
    );
    await assertRejects(() => openWeights(index), /model-00001-of-00002\.safetensors: it holds no 'no\.such'/);
    await Deno.writeTextFile(index, JSON.stringify({ weight_map: { a: "../x.safetensors" } }));
    await assertRejects(
      () => openWeights(index),
      /'a' is in "\.\.\/x\.safetensors", want a \.safetensors file beside it/,
    );
  }));

Deno.test("weights:list shows 200,000 tensors, and names with what they hide", () =>
  inFolder(async (folder) => {
    const many = Array.from({ length: 200_000 }, (_, k) =>
      [`t${k}`, { dtype: "F32" as const, shape: [0], data: new Float32Array() }] as const);
    await Deno.writeFile(join(folder, "many.safetensors"), writeSafetensors([...many] as never));
    const { code, out } = await run("weights:list", folder, "many.safetensors");
    assertEqual([code, out.trimEnd().split("\n").at(-1)], [0, "200000 tensors, 0 numbers"]);
    await Deno.writeFile(join(folder, "odd.safetensors"), writeSafetensors([["\x1b[2J\nhead", tensor([2])]]));
    const odd = await run("weights:list", folder, "odd.safetensors");
    assertTrue(!odd.out.includes("\x1b") && odd.out.includes("\\x1b[2J\\nhead  F32   [2]"), odd.out);
  }));

Deno.test("what is larger than any weights is named before it is read; long names are cut", () =>
  inFolder(async (folder) => {
    const path = join(folder, "x.safetensors");
    const file = await Deno.open(path, { write: true, create: true });
    await file.truncate(2 ** 40); // takes no space on the disk
    file.close();
    await assertRejects(() => openWeights(path), "it has 1099511627776 bytes, want at most 17179869184");
    await Deno.truncate(path, 2 ** 33);
    await assertRejects(() => openWeights(path), "it begins with 00 00 00 00");
    const long = "x".repeat(1e6);
    await Deno.remove(path);
    await save(path, { [long]: [1], b: [1] });
    const { out } = await run("weights:list", folder, "x.safetensors");
    assertTrue(out.includes(`${"x".repeat(120)}…  F32   [1]`) && out.length < 1000, out);
  }));

Deno.test("a shard with more than the index names, and factors of LayerScale that are no numbers, are refused", () =>
  inFolder(async (folder) => {
    const index = join(folder, "model.safetensors.index.json"), shard = join(folder, "a.safetensors");
    await save(shard, { ...encoder(), reg_token: [1] });
    const weight_map = Object.fromEntries(Object.keys(encoder()).map((name) => [name, "a.safetensors"]));
    await Deno.writeTextFile(index, JSON.stringify({ weight_map }));
    await assertRejects(() => openWeights(index), /it holds 'reg_token', which .* does not name in it/);
    await save(shard, { ...encoder(), "blocks.0.ls1.gamma": [WIDTH] }, { "blocks.0.ls1.gamma": { 3: NaN } });
    const words = "1 of the 8 numbers of 'blocks.0.ls1.gamma' are not finite, the first, NaN, at [3]";
    await assertRejects(() => loadWeights(shard, OPTIONS), words);
    await loadWeights(shard, { ...OPTIONS, allowNan: true });
  }));

Deno.test("the SHA-256 of a model in several files changes with every one of them", () =>
  inFolder(async (folder) => {
    const index = join(folder, "model.safetensors.index.json"), weight_map = { a: "1.safetensors", b: "2.safetensors" };
    await Deno.writeTextFile(index, JSON.stringify({ weight_map }));
    const hashes: string[] = [];
    for (const [a, b] of [[1, 1], [2, 1], [1, 2], [1, 1]]) {
      await save(join(folder, "1.safetensors"), { a: [1] }, { a: { 0: a } });
      await save(join(folder, "2.safetensors"), { b: [1] }, { b: { 0: b } });
      const { sha256, bytes } = await openWeights(index),
        sizes = await Promise.all(
          ["1.safetensors", "2.safetensors"].map(async (name) => (await Deno.stat(join(folder, name))).size),
        );
      assertEqual(bytes, sizes[0] + sizes[1] + (await Deno.stat(index)).size);
      hashes.push(sha256);
    }
    assertEqual([new Set(hashes).size, hashes[3]], [3, hashes[0]]);
  }));
