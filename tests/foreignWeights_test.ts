import { join } from "node:path";
import { saveWeights } from "../api/files/saveWeights.ts";
import { proceduralDataset } from "../datasets/procedural/proceduralDataset.ts";
import { features } from "../api/training/features.ts";
import { posEmbedTensor } from "../core/models/posEmbed.ts";
import { renamed, type Weights } from "../training/weights/convert.ts";
import { inferModel } from "../training/weights/inferModel.ts";
import { withoutLayerScale } from "../training/weights/families/layerScale.ts";
import { loadWeights } from "../training/weights/load.ts";
import { normalised } from "../training/weights/normalise.ts";
import type { StoredTensor } from "../training/weights/tensors.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue, relativeNorm } from "./assert.ts";
import { inFolder } from "./reportTools.ts";
import { encoder, OPTIONS, renamedKeys, save, tensor, WIDTH } from "./foreignTools.ts";

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
