import { LOCALMIM_VIT_B, type LocalMimConfig } from "../core/methods/localmim/config.ts";
import { localMimParameters } from "../core/methods/localmim/parameters.ts";
import { readSafetensors } from "../core/safetensors/read.ts";
import type { Tensor } from "../core/safetensors/tensor.ts";
import { WEIGHTS_FORMAT, weightsMetadata } from "../training/checkpoint/weightsFile.ts";
import { encoderWeights, inDtype, renamed } from "../training/weights/convert.ts";
import { inferModel } from "../training/weights/inferModel.ts";
import { matchModel } from "../training/weights/matchModel.ts";
import { type Model, modelOf, modelParameters } from "../training/weights/model.ts";
import { type StoredTensor, toFloat32 } from "../training/weights/tensors.ts";
import { assertEqual, assertRejects, assertTrue, relativeNorm } from "./assert.ts";
import { TINY } from "./engineTools.ts";
import { goldenFixture } from "./goldenFixtures.ts";
import {
  CLASSIFIER,
  classifier,
  encoder,
  linear,
  localmim,
  official,
  ones,
  stored,
  VIT,
  weights,
} from "./weightsTools.ts";

for (const model of [localmim, classifier, encoder]) {
  Deno.test(`inferModel() and matchModel() take back what was given away in official names: ${model.kind}`, () => {
    const dict = official(model), decoders = model.kind === "localmim";
    const options = { heads: 2, ...(decoders && { decoderHeads: 4, stageBlocks: [1, 2, 3, 4] }) };
    const inferred = inferModel(dict, options, "a", false);
    assertEqual(inferred, { model, assumed: [] });
    assertEqual(matchModel(dict, model, "a"), weights(model));
  });
}

Deno.test("renamed() gives timm the encoder with positions and the last stage's norm, a classifier as it is", () => {
  const tensors = weights(localmim), given = renamed({ model: localmim, tensors }, "timm", "a");
  const own = [...tensors].filter(([name]) => /^(cls_token|patch_embed|blocks)/.test(name));
  assertEqual(given.model, encoder);
  assertEqual(
    [...given.tensors.keys()].sort(),
    [...own.map(([name]) => name), "norm.bias", "norm.weight", "pos_embed"].sort(),
  );
  for (const [name, tensor] of own) assertEqual(given.tensors.get(name), tensor);
  assertEqual(given.tensors.get("norm.weight"), tensors.get("norm.3.weight"));
  assertEqual(given.tensors.get("pos_embed")!.shape, [1, 17, TINY.embedDim]);
  // The class token's row is zero; the first patch has position (0, 0): sines 0, cosines 1.
  const row = [0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1];
  assertEqual([...given.tensors.get("pos_embed")!.data.subarray(0, 32)].map(Number), [...row.map(() => 0), ...row]);
  const head = weights(classifier);
  assertEqual(renamed({ model: classifier, tensors: head }, "timm", "a"), { model: classifier, tensors: head });
});

Deno.test("renamed() refuses timm's names where no norm stands behind the last block", async () => {
  const model: Model = { kind: "localmim", config: { ...TINY, stageBlocks: [1], stageScales: [4] } };
  await assertRejects(() => renamed({ model, tensors: weights(model) }, "timm", "a"), "no norm behind its last block");
});

Deno.test("renamed() gives the head of a linear probe under MAE's names, and refuses timm's", async () => {
  const tensors = weights(linear);
  assertEqual([...tensors.keys()], ["head.1.weight", "head.1.bias", "head.0.running_mean", "head.0.running_var"]);
  assertEqual(renamed({ model: linear, tensors }, "official", "a"), { model: linear, tensors });
  assertEqual(matchModel(stored(tensors), linear, "a"), tensors);
  const wanted = "Cannot export a to timm: it is the head of a linear probe, want --names official";
  await assertRejects(() => renamed({ model: linear, tensors }, "timm", "a"), wanted);
});

Deno.test("encoderWeights() takes the encoder out of every model", () => {
  const shapes = modelParameters(encoder).map(({ name }) => name).sort();
  for (const model of [localmim, encoder]) {
    const taken = encoderWeights({ model, tensors: weights(model) });
    assertEqual([taken.model, [...taken.tensors.keys()].sort()], [encoder, shapes]);
  }
  const taken = encoderWeights({ model: classifier, tensors: weights(classifier) }).tensors;
  assertEqual([...taken.keys()].sort(), [...shapes.filter((name) => !name.startsWith("norm.")), "pos_embed"].sort());
  // A state dict of a model that is not known: its last norm is taken.
  const unknown = encoderWeights({ model: encoder, tensors: weights(localmim) }).tensors;
  assertEqual(unknown.get("norm.bias"), weights(localmim).get("norm.3.bias"));
});

Deno.test("inferModel() tells decoders by their heads, also those that freezing has left, renumbered", async () => {
  const deep = { ...TINY, depth: 12, stageBlocks: [10, 12], stageScales: [1, 0.5] };
  const dict = official({ kind: "localmim", config: deep });
  const { model, assumed } = inferModel(dict, { heads: 2, decoderHeads: 4 }, "a", false);
  assertEqual(model, { kind: "localmim", config: deep });
  assertEqual(assumed, ["--stage-blocks 10,12"]);
  const wanted = "Cannot tell which of 4 blocks the decoders of a follow, whose scales are 4, 2, 1, 0.5";
  await assertRejects(() => inferModel(official(localmim), { heads: 2 }, "a", false), wanted);
});

Deno.test("inferModel() knows ViT-B by its shapes and says what it assumed", () => {
  const shaped = localMimParameters(LOCALMIM_VIT_B).map(({ name, shape }) =>
    [name, { dtype: "F32", shape, read: () => new Float32Array() } satisfies StoredTensor] as const
  );
  const { model, assumed } = inferModel(new Map(shaped), { imageSize: 224 }, "a", false);
  assertEqual(model, { kind: "localmim", config: LOCALMIM_VIT_B });
  assertEqual(assumed, ["--heads 12", "--decoder-heads 8", "--stage-blocks 2,4,10,12"]);
});

Deno.test("inferModel() says what is wrong with a state dict, or with an option", async () => {
  const infer = (dict: Map<string, StoredTensor>, options = {}) =>
    inferModel(dict, { heads: 2, ...options }, "a", false);
  await assertRejects(
    () => inferModel(official(encoder), {}, "a", false),
    "its width 16 is no multiple of 64, want --heads",
  );
  await assertRejects(
    () => infer(official(encoder), { heads: 3 }),
    "embedDim 16: want a multiple of 4 and of the 3 numHeads",
  );
  await assertRejects(() => infer(official(encoder), { decoderHeads: 4 }), "Cannot use --decoder-heads");
  await assertRejects(() => infer(official(encoder), { imageSize: 32 }), "Cannot use --image-size");
  await assertRejects(() => infer(official(encoder, { pos_embed: undefined })), "want --image-size N");
  await assertRejects(() => infer(official(encoder, { pos_embed: ones(1, 16, 16) })), "want a square of patches");
  const gap = Object.fromEntries(
    [...official(encoder).keys()].filter((n) => n.startsWith("blocks.2.")).map((n) => [n, undefined]),
  );
  await assertRejects(() => infer(official(encoder, gap)), "of its blocks, number 2 is missing");
  const colours = { "decoder.0.pred.4.weight": ones(28, 4, 1, 1) };
  const options = { decoderHeads: 4, stageBlocks: [1, 2, 3, 4] };
  await assertRejects(
    () => infer(official(localmim, colours), options),
    "hogBins 9.333333333333334: want a whole number of at least 1",
  );
  const huge = official(encoder, { "blocks.999999999.norm1.bias": ones(16) });
  await assertRejects(() => infer(huge), "of its blocks, number 4 is missing");
  await assertRejects(() => infer(new Map()), "it holds no 'patch_embed.proj.weight', want the weights of a ViT");
  await assertRejects(() => infer(official(encoder, { "patch_embed.proj.weight": ones(16, 4, 8, 8) })), "4 colours");
});

Deno.test("matchModel() names what is missing, too much, of another shape, or fixed with other values", async () => {
  const match = (model: Model, changes: Record<string, Tensor | undefined>) =>
    assertRejects(() => matchModel(official(model, changes), model, "a"), /^Cannot/);
  assertTrue(
    (await match(localmim, { "norm.2.bias": undefined })).includes("lacks norm.2.bias of the localmim"),
    "lacks",
  );
  assertTrue(
    (await match(encoder, { "head.weight": ones(5, 16) })).includes("holds head.weight, which the encoder"),
    "extra",
  );
  const many = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`x${i}`, ones(1)]));
  assertTrue((await match(encoder, many)).includes("x0, x1, x2, x3, x4 and 3 more"), "list");
  assertTrue(
    (await match(encoder, { cls_token: ones(1, 16) })).includes("'cls_token' is [1, 16], want [1, 1, 16]"),
    "shape",
  );
  // cos(0) = 1 is right for half of them, the others are off by up to 2: learned positions do not fit LocalMIM.
  assertTrue(
    /its pos_embed differs by [12]\.\d+ .*, or --encoder-only/.test(
      await match(localmim, { pos_embed: ones(1, 17, 16) }),
    ),
    "positions",
  );
  const nan = { ...ones(1, 17, 16), data: new Float32Array(17 * 16).fill(NaN) };
  assertTrue((await match(localmim, { pos_embed: nan })).includes("differs by NaN"), "NaN");
  const whole: Tensor = { dtype: "I32", shape: [1, 1, 16], data: new Int32Array(16) };
  assertTrue((await match(encoder, { cls_token: whole })).includes("'cls_token' is I32, want F32"), "dtype");
  // LocalMIM's hog_bias belongs to the target.
  matchModel(official(localmim, { "hog_enc.0.conv.bias": ones(2) }), localmim, "a");
});

Deno.test("matchModel() rounds float64 and keeps the values of brain floats", () => {
  const third: Tensor = { dtype: "F64", shape: [1, 1, 16], data: new Float64Array(16).fill(1 / 3) };
  const taken = matchModel(official(encoder, { cls_token: third }), encoder, "a").get("cls_token")!;
  assertEqual([taken.dtype, taken.data[0]], ["F32", Math.fround(1 / 3)]);
  assertEqual(toFloat32({ dtype: "BF16", shape: [1], read: () => Float32Array.of(1.5) }, "a", "b")[0], 1.5);
});

Deno.test("modelOf() reads our own metadata and refuses broken ones", async () => {
  const metadata = (kind: string, model: string) => ({ format: WEIGHTS_FORMAT, kind, model });
  for (const model of [localmim, classifier, linear, encoder]) assertEqual(modelOf(weightsMetadata(model), "a"), model);
  assertEqual(modelOf({ format: "pt" }, "a"), undefined);
  await assertRejects(() => modelOf(metadata("localmim", "{"), "a"), "is no JSON");
  await assertRejects(() => modelOf({ format: WEIGHTS_FORMAT }, "a"), "is no JSON");
  const refused = (kind: string, config: unknown, words: string) =>
    assertRejects(() => modelOf(metadata(kind, JSON.stringify(config)), "a"), `Cannot use the model of a: ${words}`);
  const nets = "wrn, resnet, densenet or vgg";
  await refused(
    "lenet",
    {},
    `kind "lenet": want localmim, mae, simmim, beit, maskfeat, convmae, classifier, linear, encoder, ${nets}`,
  );
  await refused("encoder", null, "null: want an object");
  await refused("encoder", {}, "imageSize nothing: want a whole number of at least 1");
  await refused("encoder", TINY, "maskRatio 0.75: want no such key");
  await refused("encoder", { ...VIT, embedDim: 18 }, "embedDim 18: want a multiple of 4 and of the 2 numHeads");
  await refused("classifier", { ...VIT, numClasses: 0 }, "numClasses 0: want a whole number of at least 1");
  await refused("linear", { ...CLASSIFIER, pool: "max" }, 'pool "max": want mean or cls');
  const broken = (change: object, words: string) => refused("localmim", { ...TINY, ...change }, words);
  await broken({ depth: 1e6 }, "depth 1000000: want at most 1000 blocks");
  await broken({ patchSize: 7 }, "patchSize 7: want one that divides 32 pixels");
  await broken({ stageBlocks: [1, 2, 3, 9] }, "stageBlocks [1,2,3,9]: want ascending blocks of the 4 there are");
  await broken({ decoderHeads: 3 }, "decoderDim 16: want a multiple of 4 and of the 3 decoderHeads");
});

Deno.test("inDtype() refuses numbers that a half cannot hold", async () => {
  const large = new Map([["w", { dtype: "F32", shape: [2], data: Float32Array.of(1, -65520) } satisfies Tensor]]);
  await assertRejects(() => inDtype(large, "F16", "a"), "Cannot export a as F16: tensor 'w' holds -65520");
  assertEqual(inDtype(large, "BF16", "a").map(([name, { dtype }]) => [name, dtype]), [["w", "BF16"]]);
});

const golden = await goldenFixture("localmim_tiny.safetensors");
Deno.test({
  name: "matchModel() and renamed() know every tensor of the official state dict",
  ignore: !golden,
  fn() {
    const sd0 = [...readSafetensors(golden!).tensors].filter(([name]) => name.startsWith("sd0/"));
    const dict = new Map(sd0.map(([name, tensor]) => [name.slice(4), tensor] as const));
    const { model } = inferModel(stored(dict), { heads: 4, decoderHeads: 4 }, "golden", false);
    assertEqual([model.kind, (model.config as LocalMimConfig).depth], ["localmim", 12]);
    const tensors = matchModel(stored(dict), model, "golden"),
      given = renamed({ model, tensors }, "official", "a").tensors;
    assertEqual([...given.keys()].sort(), [...dict.keys()].sort());
    for (const [name, { shape, data }] of dict) {
      assertEqual([name, given.get(name)!.shape], [name, shape]);
      // Positions are sines in float32 there; everything else is copied.
      const tolerance = name.endsWith("pos_embed") ? 1e-6 : 0;
      const off = relativeNorm(given.get(name)!.data as Float32Array, data as Float32Array);
      assertTrue(off <= tolerance, `${name} is off by ${off}`);
    }
  },
});
