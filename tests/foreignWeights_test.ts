import { join } from "node:path";
import { saveWeights } from "../api/files/saveWeights.ts";
import { proceduralDataset } from "../datasets/procedural/proceduralDataset.ts";
import { features } from "../api/training/features.ts";
import { posEmbedTensor } from "../core/models/posEmbed.ts";
import { writeSafetensors } from "../core/safetensors/write.ts";
import { sha256 } from "../core/sha256.ts";
import { renamed, type Weights } from "../training/weights/convert.ts";
import { inferModel } from "../training/weights/inferModel.ts";
import { withoutLayerScale } from "../training/weights/families/layerScale.ts";
import { loadWeights } from "../training/weights/load.ts";
import { normalised } from "../training/weights/normalise.ts";
import type { StoredTensor } from "../training/weights/tensors.ts";
import { openWeights } from "../training/weights/source.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue, relativeNorm } from "./assert.ts";
import { run } from "./commandTools.ts";
import { inFolder } from "./reportTools.ts";

const WIDTH = 8;
/** An encoder's tensors under timm's names, each with values of its own. */
function encoder(width = WIDTH): Record<string, number[]> {
  const shapes: Record<string, number[]> = {
    cls_token: [1, 1, width],
    "patch_embed.proj.weight": [width, 3, 4, 4],
    "patch_embed.proj.bias": [width],
  };
  for (const part of ["weight", "bias"]) {
    for (const name of ["norm1", "norm2"]) shapes[`blocks.0.${name}.${part}`] = [width];
  }
  const layers = [["attn.qkv", 3 * width, width], ["attn.proj", width, width], ["mlp.fc1", 4 * width, width]] as const;
  for (const [name, out, from] of [...layers, ["mlp.fc2", width, 4 * width] as const]) {
    shapes[`blocks.0.${name}.weight`] = [out, from];
    shapes[`blocks.0.${name}.bias`] = [out];
  }
  return shapes;
}

const tensor = (shape: number[], change: Record<number, number> = {}) => {
  const data = Float32Array.from(
    { length: shape.reduce((a, b) => a * b, 1) },
    (_, k) => change[k] ?? Math.sin(k + shape.length),
  );
  return { dtype: "F32" as const, shape, data };
};

async function save(
  path: string,
  shapes: Record<string, number[]>,
  change: Record<string, Record<number, number>> = {},
) {
  const entries = Object.entries(shapes).map(([name, shape]) =>
    [name, tensor(shape, change[name])] as [string, ReturnType<typeof tensor>]
  );
  await Deno.writeFile(path, writeSafetensors(entries));
}

const renamedKeys = (of: Record<string, number[]>, rename: (name: string) => string) =>
  Object.fromEntries(Object.entries(of).map(([name, shape]) => [rename(name), shape]));
const OPTIONS = { heads: 2, imageSize: 8 };

Deno.test("weights are read through the prefixes of wrappers, and what stands beside them is left out and said", () =>
  inFolder(async (folder) => {
    const plain = join(folder, "plain.safetensors"), path = join(folder, "x.safetensors");
    await save(plain, encoder());
    const want = (await loadWeights(plain, OPTIONS)).tensors;
    const cases: [(name: string) => string, string][] = [
      [(name) => `module.${name}`, "taken off names: module."],
      [(name) => `_orig_mod.${name}`, "taken off names: _orig_mod."],
      [(name) => name.replace("blocks.0.", "blocks.0._orig_mod."), "taken off names: _orig_mod."],
      [(name) => `_forward_module.${name}`, "taken off names: _forward_module."],
      [
        (name) => `_fsdp_wrapped_module.${name.replace("blocks.0.", "blocks.0._checkpoint_wrapped_module._orig_mod.")}`,
        "taken off names: _fsdp_wrapped_module., _checkpoint_wrapped_module., _orig_mod.",
      ],
      [(name) => `module._orig_mod.backbone.${name}`, "taken off names: module.backbone."],
      [(name) => `model.encoder.${name}`, "taken off names: model.encoder."],
    ];
    for (const [rename, note] of cases) {
      await save(path, renamedKeys(encoder(), rename));
      const { tensors, notes, leftOut } = await loadWeights(path, OPTIONS);
      assertEqual([tensors, leftOut], [want, 0], note);
      assertTrue(notes.includes(note), notes.join());
    }
    await save(path, { ...renamedKeys(encoder(), (name) => `backbone.${name}`), "head.weight": [3, WIDTH] });
    const { notes } = await loadWeights(path, OPTIONS);
    assertEqual(notes, [
      "taken off names: backbone.; left out: 1 tensor without it",
      "positions: none in the file, so the fixed ones of sines",
    ]);
    const stored = new Map<string, StoredTensor>([["other.thing", {
      dtype: "F32",
      shape: [],
      read: () => new Float32Array(1),
    }]]);
    assertEqual([...normalised(stored, "x").tensors.keys()], ["other.thing"]);
  }));

Deno.test("what belongs to an encoder and has no place here is refused by name, with --encoder-only too", () =>
  inFolder(async (folder) => {
    const path = join(folder, "x.safetensors");
    const strange = [
      "reg_token",
      "storage_tokens",
      "rope_embed.periods",
      "blocks.0.gamma_1", // also in timm's vit_*_rope_*, which hold no other tensor that tells
      "blocks.0.attn.q_norm.weight",
      "blocks.0.attn.relative_position_bias_table",
    ]
      .concat(
        "blocks.0.mlp.w12.weight",
        "blocks.0.attn.qkv.bias_mask",
        "norm_pre.weight",
        "dist_token",
        "pos_embed_window",
      );
    for (const name of strange) {
      await save(path, { ...encoder(), [name]: [WIDTH] });
      for (const encoderOnly of [false, true]) {
        const words = `Cannot use ${path}: it holds ${name}, which the encoder here does not have, want a plain ViT`;
        await assertRejects(() => loadWeights(path, { ...OPTIONS, encoderOnly }), words);
      }
    }
    await save(path, { ...encoder(), "head.weight": [3, WIDTH], mask_token: [1, 1, WIDTH], "decoder_blocks.0.x": [1] });
    assertEqual((await loadWeights(path, { ...OPTIONS, encoderOnly: true })).leftOut, 3);
  }));

Deno.test("LayerScale is folded: the layers before it compute their outputs times its factors", () => {
  const shapes = { "blocks.0.attn.proj.weight": [3, 2], "blocks.0.attn.proj.bias": [3], "blocks.0.ls1.gamma": [3] };
  const stored = new Map(
    Object.entries(shapes).map(([name, shape], k) => {
      const { data } = tensor(shape.map((n) => n), { 0: k + 1 });
      return [name, { dtype: "F32", shape, read: () => data } satisfies StoredTensor];
    }),
  );
  const { tensors, notes } = withoutLayerScale(stored, "x");
  assertEqual([[...tensors.keys()].length, notes], [2, ["LayerScale folded into the layers before it: 1 tensor"]]);
  const at = (from: ReadonlyMap<string, StoredTensor>, name: string) => from.get(name)!.read() as Float32Array;
  const x = [0.3, -0.7], gamma = at(stored, "blocks.0.ls1.gamma");
  const layer = (from: ReadonlyMap<string, StoredTensor>) =>
    [0, 1, 2].map((row) => {
      const weight = at(from, "blocks.0.attn.proj.weight");
      return weight[2 * row] * x[0] + weight[2 * row + 1] * x[1] + at(from, "blocks.0.attn.proj.bias")[row];
    });
  // float32 products: one rounding each.
  layer(tensors).forEach((value, row) => assertAlmostEqual(value, gamma[row] * layer(stored)[row], 1e-6));
});

Deno.test("numbers that are not finite are named with tensor, count and place; --allow-nan takes them", () =>
  inFolder(async (folder) => {
    const path = join(folder, "x.safetensors"), name = "blocks.0.mlp.fc1.weight";
    await save(path, encoder(), { [name]: { 19: NaN, 40: Infinity } });
    const words =
      `Cannot use ${path}: 2 of the 256 numbers of '${name}' are not finite, the first, NaN, at [2, 3]; want numbers, or --allow-nan`;
    await assertRejects(() => loadWeights(path, OPTIONS), words);
    assertEqual((await loadWeights(path, { ...OPTIONS, allowNan: true })).tensors.size, 15);
  }));

Deno.test("heads follow the published models where these are not 64 wide, and are asked for where there is none", async () => {
  const inferred = (width: number) => {
    const shapes = Object.entries(encoder(width)).map(([name, shape]) => [name, { shape }] as const);
    return inferModel(new Map(shapes), { imageSize: 8 }, "x", true);
  };
  const published = [[192, 3], [768, 12], [1024, 16], [1152, 16], [1280, 16], [1408, 16], [1536, 24], [1792, 16]];
  for (const [width, heads] of published) {
    const { model, assumed } = inferred(width);
    assertEqual([(model.config as { numHeads: number }).numHeads, assumed], [heads, [`--heads ${heads}`]]);
  }
  for (const [width, words] of [[1088, "that of no known model"], [24, "no multiple of 64"]] as const) {
    await assertRejects(() => inferred(width), `its width ${width} is ${words}, want --heads N`);
  }
});

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

Deno.test("one of several encoders is chosen by --key, in a state dict or by the begin of names; two names never become one", () =>
  inFolder(async (folder) => {
    const plain = join(folder, "plain.safetensors"), path = join(folder, "x.safetensors");
    await save(plain, encoder());
    const want = (await loadWeights(plain, OPTIONS)).tensors;
    const both = {
      ...renamedKeys(encoder(), (name) => `student.backbone.${name}`),
      ...renamedKeys(encoder(), (name) => `teacher.backbone.${name}`),
      "teacher.head.weight": [3, WIDTH],
    };
    await save(path, both);
    await assertRejects(
      () => loadWeights(path, OPTIONS),
      /and no 'patch_embed\.proj\.weight', want --key (student|teacher)/,
    );
    const { tensors, notes } = await loadWeights(path, { ...OPTIONS, dict: { key: "teacher" } });
    assertEqual([tensors, notes], [want, [
      "taken: names under teacher.; left out: 15 tensors",
      "taken off names: backbone.; left out: 1 tensor without it",
      "positions: none in the file, so the fixed ones of sines",
    ]]);
    const words = /^Cannot use --key momentum: .* holds .*, want a state dict or names under momentum$/;
    await assertRejects(() => loadWeights(path, { ...OPTIONS, dict: { key: "momentum" } }), words);
    await assertRejects(() => loadWeights(path, { ...OPTIONS, dict: { ema: true } }), /^Cannot use --ema: /);
    await save(path, {
      ...renamedKeys(encoder(), (name) => `model.${name}`),
      ...renamedKeys(encoder(), (name) => `encoder.${name}`),
    });
    await assertRejects(
      () => loadWeights(path, OPTIONS),
      /it holds 2 encoders, want --key (model or encoder|encoder or model)/,
    );
    await save(path, { ...encoder(), "_orig_mod.cls_token": [1, 1, WIDTH] });
    await assertRejects(
      () => loadWeights(path, OPTIONS),
      "two of its tensors are called 'cls_token' without _orig_mod.",
    );
  }));

Deno.test("only what is known to stand beside an encoder is left out by --encoder-only", () =>
  inFolder(async (folder) => {
    const path = join(folder, "x.safetensors"), options = { ...OPTIONS, encoderOnly: true };
    const beside = [
      "head.weight",
      "heads.head.bias",
      "fc.weight",
      "decoder_pos_embed",
      "decoder.0.norm.bias",
      "mask_token",
    ]
      .concat("dino_head.mlp.0.bias", "queue_ptr", "attn_pool.q.weight", "text_tower.x", "momentum_encoder.cls_token");
    await save(path, { ...encoder(), ...Object.fromEntries(beside.map((name) => [name, [1]])) });
    assertEqual((await loadWeights(path, options)).leftOut, beside.length);
    for (
      const name of ["adapter.weight", "registers", "token_norm.bias", "prompts.0", "patch_embed.norm.weight", "a\nb"]
    ) {
      await save(path, { ...encoder(), [name]: [1] });
      await assertRejects(
        () => loadWeights(path, options),
        `it holds ${name.replace("\n", "\\n")}, which the encoder here`,
      );
    }
  }));

/** Positions that are no sines, for images of 8 x 8 pixels. */
const POSITIONS = { pos_embed: [1, 5, WIDTH] };

Deno.test("learned positions are kept, also those of the patches alone, and features are taken and exports made with them", () =>
  inFolder(async (folder) => {
    const path = join(folder, "x.safetensors"), back = join(folder, "back.safetensors");
    await save(path, { ...encoder(), ...POSITIONS });
    const loaded = await loadWeights(path, { heads: 2 }), positions = loaded.tensors.get("pos_embed")!;
    assertEqual([loaded.notes, positions.data], [["positions: learned ones, kept"], tensor([1, 5, WIDTH]).data]);
    await saveWeights(back, loaded);
    const again = await loadWeights(back);
    assertEqual([again.model, again.tensors], [loaded.model, loaded.tensors]);
    const given = renamed(loaded, "official", "x").tensors.get("pos_embed");
    assertEqual(given, positions);

    await save(path, { ...encoder(), pos_embed: [1, 4, WIDTH] });
    const patches = (await loadWeights(path, { heads: 2 })).tensors.get("pos_embed")!;
    assertEqual([...patches.data as Float32Array], [...new Float32Array(WIDTH), ...tensor([1, 4, WIDTH]).data]);

    const images = proceduralDataset({ seed: 0, train: 8, test: 4, size: 8 }).test;
    const fixed = { ...loaded, tensors: new Map([...loaded.tensors].filter(([name]) => name !== "pos_embed")) };
    const sines = new Map([...loaded.tensors, ["pos_embed", posEmbedTensor(WIDTH, 2)] as const]);
    const of = async (from: Weights) => (await features({ from, images })).values;
    const [learned, without, withSines] = [await of(loaded), await of(fixed), await of({ ...loaded, tensors: sines })];
    // The same sums in the same order.
    assertEqual(withSines, without);
    assertTrue(relativeNorm(learned, without) > 0.01, "learned positions must tell");
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
