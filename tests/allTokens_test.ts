import fc from "fast-check";
import { Arena } from "../core/engine/arena.ts";
import { anyViewsFault, drawAnyViews, type RectangleViews } from "../core/masking/rectangleViews.ts";
import { projectionTokenizer } from "../core/methods/beit/tokenizer.ts";
import { byteTargets, maskFeatTarget } from "../core/methods/maskfeat/targets.ts";
import type { Method } from "../core/methods/method.ts";
import { methodOf, METHODS } from "../core/methods/mod.ts";
import { classifierProgram, sourceOf } from "../core/models/classifier.ts";
import { weightStd } from "../core/models/beitInit.ts";
import { tokenCount } from "../core/models/config.ts";
import { initialize } from "../core/models/init.ts";
import { encodeMasked } from "../core/models/maskedTokens.ts";
import { allTokens, gatherPatches } from "../core/models/patches.ts";
import { encoderSpecs, featureProgram } from "../core/probes/features.ts";
import { randomStream } from "../core/random/stream.ts";
import { toPlanar } from "../datasets/transforms/normalize.ts";
import { finetuneObjective } from "../training/phases/finetune.ts";
import { WEIGHTS_FORMAT } from "../training/checkpoint/weightsFile.ts";
import { writeSafetensors } from "../core/safetensors/write.ts";
import { encoderWeights } from "../training/weights/convert.ts";
import { loadWeights } from "../training/weights/load.ts";
import { ALL, RECTANGLES, SIMMIM, VIT } from "./allTokensTools.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue, relativeNorm } from "./assert.ts";
import { compiled, normals, randomArena, runOnce, slopesOf } from "./engineTools.ts";
import { assertFrozenRunResumes } from "./frozenRunTools.ts";
import { inFolder } from "./reportTools.ts";
import { FINETUNE, images, workOf } from "./trainingTools.ts";

type Name = keyof typeof ALL;
const NAMES = Object.keys(ALL) as Name[];

/** Inputs of two images, whose pixels count through the bytes. */
function feedsOf(method: Method<unknown>, config: unknown, seed = 9) {
  const pixels = Uint8Array.from({ length: 2 * 32 * 32 * 3 }, (_, k) => (k * 7919) % 251);
  const normalised = Float32Array.from(pixels, (value) => value / 127.5 - 1), feeder = method.feeder(config, [true]);
  const random = (image: number, view: number) => randomStream(seed, "mask", image, view);
  return { normalised, feeds: feeder.inputs(normalised, 2, feeder.targets(pixels, 2), random) };
}

Deno.test("views of rectangles: the first of rectangles, later ones mask what none has masked, as many each", () => {
  const shapes = fc.record({
    grid: fc.integer({ min: 4, max: 14 }),
    views: fc.integer({ min: 2, max: 4 }),
    mask: fc.integer({ min: 10, max: 90 }),
    share: fc.integer({ min: 0, max: 100 }),
    seed: fc.nat(),
  });
  let runs = 0;
  fc.assert(fc.property(shapes, ({ grid, views, mask, share, seed }) => {
    const maskRatio = mask / 100, limit = Math.min(1, views * maskRatio), units = grid ** 2;
    const predRatio = maskRatio + (limit - maskRatio) * share / 100;
    const config: RectangleViews = { ...RECTANGLES, maskRatio, predRatio, views };
    fc.pre(anyViewsFault(config, grid) === undefined);
    const masks = drawAnyViews(config, grid, (view) => randomStream(seed, "mask", view)).map(({ mask }) => mask);
    const count = Math.round(maskRatio * units), each = masks.map((mask) => mask.reduce((a, b) => a + b));
    assertTrue(each[0] <= count, `${each[0]} patches in rectangles, at most ${count}`);
    const together = masks[0].filter((_, token) => masks.some((mask) => mask[token] === 1)).length;
    // What rectangles leave over the later views take, as far as they mask so many.
    const cover = Math.max(count, Math.floor(predRatio * units));
    assertEqual(together, Math.min(cover, each[0] + (views - 1) * count));
    runs++;
    each.slice(1).forEach((found) => assertEqual(found, count));
  }));
  assertTrue(runs > 50, `${runs} runs`);
  const whole = drawAnyViews(
    { ...RECTANGLES, maskRatio: 0.6, predRatio: 1 },
    14,
    (view) => randomStream(7, "mask", view),
  );
  assertTrue(whole[0].mask.every((value, token) => value + whole[1].mask[token] > 0), "a patch that no view masks");
  const pair = drawAnyViews(
    { ...RECTANGLES, viewRule: "independent", predRatio: 0.4 },
    14,
    (view) => randomStream(1, "mask", view),
  );
  assertTrue(pair[0].mask.some((value, k) => value !== pair[1].mask[k]), "independent views are one view");
});

for (const name of NAMES) {
  Deno.test(`${name}: one target an image; the same mask twice is one view, the same loss and gradients`, async () => {
    const method = METHODS[name], twice = { ...ALL[name], pattern: "cells", maskRatio: 0.5, predRatio: 0.5 };
    const once = { ...twice, views: 1, viewRule: "independent", lrRule: "unique" };
    const run = async (config: unknown) => {
      const program = method.program(config, 2, [true]), { feeds } = feedsOf(method, config);
      const names = program.parameters.map(({ name }) => name);
      return { feeds, ...await runOnce(compiled, program, randomArena(program, 0.2), feeds, names) };
    };
    const one = await run(once), two = await run(twice), half = two.feeds.target.length / 2;
    assertEqual(two.feeds.target.slice(0, half), one.feeds.target);
    assertEqual(two.feeds.target.slice(half), one.feeds.target);
    assertTrue((one.feeds.target as Float32Array).some((value) => value !== 0), "all targets are 0");
    // Sums in another order; SimMIM's 1e-5 on the number of pixels counts half as much.
    assertAlmostEqual(two.outputs.loss[0] / one.outputs.loss[0], 1, 1e-5);
    for (const [tensor, gradient] of Object.entries(one.gradients)) {
      assertTrue(relativeNorm(two.gradients[tensor], gradient) < 1e-4, tensor); // the same, a hundred times as long
      assertTrue(gradient.some((value) => value !== 0), `${tensor} has no gradient`);
    }
  });

  Deno.test(`${name} with two disjoint views resumes bit for bit; what freezes keeps its bits and cuts the pass`, () =>
    assertFrozenRunResumes({ name, ...ALL[name] }, [1, 3, 5]));

  Deno.test(`${name}: probes and fine-tuning see the encoder that was pre-trained, nothing masked`, async () => {
    const method = METHODS[name], config = ALL[name], { vit } = method.encoder(config), N = tokenCount(vit);
    const pretrained = randomArena({ parameters: method.parameters(config) } as never, 0.3);
    const { normalised } = feedsOf(method, config), prefix = name === "simmim" ? "encoder." : "";
    const patches = gatherPatches(normalised, vit, allTokens(2, N));
    const whole = {
      parameters: method.parameters(config),
      inputs: {
        patches: { shape: [2 * N, 192], dtype: "float32" as const },
        isMasked: { shape: [2 * N, 1], dtype: "float32" as const },
      },
      build: (p: never, { patches, isMasked }: never) => ({
        last: encodeMasked(p, vit, { patches, isMasked }, 2, prefix),
      }),
    };
    const feeds = { patches, isMasked: new Float32Array(2 * N) };
    const { outputs: { last } } = await runOnce(compiled, whole as never, pretrained, feeds);
    const learned = name === "maskfeat", arena = new Arena(encoderSpecs(vit, learned), 1);
    for (const tensor of arena.names()) {
      arena.view(tensor).set(pretrained.view(sourceOf(tensor, (own) => pretrained.has(own))));
    }
    const { outputs: { features } } = await runOnce(compiled, featureProgram(vit, 2, "mean", learned), arena, {
      patches,
    });
    const D = vit.embedDim,
      expected = [0, 1].flatMap((b) => {
        const mean = Array.from({ length: D }, (_, d) => {
          let sum = 0;
          for (let token = 1; token <= N; token++) sum += last[(b * (N + 1) + token) * D + d] / N;
          return sum;
        });
        const centre = mean.reduce((a, x) => a + x / D, 0);
        const scale = 1 / Math.sqrt(mean.reduce((a, x) => a + (x - centre) ** 2 / D, 0) + 1e-6);
        return mean.map((x) => (x - centre) * scale);
      });
    const error = relativeNorm(features, Float32Array.from(expected));
    assertTrue(error < 1e-5, `features are off by ${error}`); // float32 sums
    // Fine-tuning starts from the same tensors; a table that all blocks shared is then every block's own.
    const objective = finetuneObjective({ ...FINETUNE, model: vit }, workOf({ from: pretrained }));
    const tuned = new Arena(objective.parameters, 1);
    objective.initialize(tuned);
    for (const tensor of arena.names()) assertEqual(tuned.view(tensor), arena.view(tensor), tensor);
    const tensors = new Map(
      pretrained.names().map((tensor) => [
        tensor,
        { dtype: "F32" as const, shape: pretrained.shape(tensor), data: pretrained.view(tensor) },
      ]),
    );
    const { tensors: encoder } = encoderWeights({ model: { kind: name, config }, tensors });
    for (const tensor of arena.names()) assertEqual(encoder.get(tensor)?.data, arena.view(tensor), tensor);
    // A file of our own keeps the names that the method has, "encoder." in front of them or not.
    await inFolder(async (folder) => {
      const facts = { format: WEIGHTS_FORMAT, kind: name, model: JSON.stringify(config) };
      await Deno.writeFile(`${folder}/own.safetensors`, writeSafetensors([...tensors], facts));
      const { model, tensors: loaded } = await loadWeights(`${folder}/own.safetensors`);
      assertEqual(model, { kind: name, config: config as object });
      for (const tensor of pretrained.names()) {
        assertEqual(loaded.get(tensor)?.data, pretrained.view(tensor).slice(), tensor);
      }
    });
  });
}

Deno.test("gradients of a classifier with tables, factors and drop path agree with central differences", async () => {
  const config = { ...METHODS.simmim.encoder(SIMMIM).vit, numClasses: 3 }, program = classifierProgram(config, 2);
  const arena = randomArena(program, 0.5), names = program.parameters.map(({ name }) => name);
  const feeds = {
    patches: normals(2 * 16 * 192, 4),
    targets: Float32Array.of(1, 0, 0, 0, 0.5, 0.5),
    keep: Float32Array.of(1, 1, 2, 0, 1, 1, 0, 2),
  };
  const { gradients } = await runOnce(compiled, program, arena, feeds, names);
  assertTrue(!names.includes("pos_embed"), "relative positions beside those of tokens");
  for (const part of ["attn.relative_position_bias_table", "attn.q_bias", "gamma_1", "gamma_2"]) {
    const name = `blocks.1.${part}`, gradient = gradients[name];
    const { found, slope } = await slopesOf(program, arena, feeds, { name, gradient, step: 0.02 });
    // A loss of about 1 is known to 1e-7, so its slope over 0.04 to 5e-6; the third derivative adds some 1e-4 of it.
    assertAlmostEqual(found, slope, 2e-5 + 2e-3 * Math.abs(slope), name);
    assertTrue(Math.abs(found) > 1e-4, `${name}: no slope`);
  }
});

Deno.test("weights start as published: BEiT's cut at one deviation and less in deep blocks, MaskFeat's biases at 0.02", () => {
  const wide = { ...VIT, embedDim: 64, depth: 3 }, std = 0.02 * Math.sqrt(768 / 64);
  const start = (name: Name) => {
    const parameters = METHODS[name].parameters({ ...ALL[name], ...wide }), arena = new Arena(parameters, 1);
    initialize(arena, parameters, 2);
    return arena;
  };
  const most = (values: Float32Array) => values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  const [beit, simmim, maskfeat] = [start("beit"), start("simmim"), start("maskfeat")];
  const bounds: [Arena, string, number][] = [
    [beit, "blocks.0.attn.qkv.weight", std],
    [beit, "blocks.2.attn.proj.weight", std / Math.sqrt(6)],
    [simmim, "encoder.blocks.1.mlp.fc2.weight", std / Math.sqrt(4)],
    [simmim, "encoder.patch_embed.proj.weight", std],
    [beit, "lm_head.weight", std],
    [simmim, "decoder.0.weight", 1 / Math.sqrt(64)], // a convolution as PyTorch fills it
    [maskfeat, "blocks.2.attn.proj.weight", 2 * std],
  ];
  for (const [arena, name, bound] of bounds) {
    const largest = most(arena.view(name));
    assertTrue(largest <= Math.fround(bound) && largest > 0.98 * bound, `${name}: ${largest} of ${bound}`);
  }
  assertEqual([48, 768, 1024].map(weightStd), [0.08, 0.02, 0.02]);
  assertEqual(beit.view("blocks.0.gamma_1")[5], Math.fround(0.1));
  assertEqual(most(beit.view("rel_pos_bias.relative_position_bias_table")), 0);
  for (const name of ["attn.qkv.bias", "norm1.bias"]) {
    assertTrue(maskfeat.view(`blocks.1.${name}`).every((value) => value === Math.fround(0.02)), name);
  }
});

Deno.test("MaskFeat's targets from bytes are those of the normalised image, but in cells of one colour", async () => {
  const options = { imageSize: 32, patchSize: 8, cell: 4 }, whole = { top: 0, left: 0, height: 32, width: 32 };
  const loaded = await Promise.all([0, 5].map(async (k) => (await images.train.load(k)).crop(whole, 32)));
  const both = Uint8Array.from((await Promise.all(loaded)).flatMap((pixels) => [...pixels]));
  const bytes = byteTargets(options)(both, 2);
  const far = [0, 1].map((b) => {
    const planes = new Float32Array(3 * 32 * 32);
    toPlanar(both.subarray(b * 3072, (b + 1) * 3072), planes, 0);
    const exact = maskFeatTarget(planes, { ...options, gaussian: false });
    assertTrue(exact.some((value) => value > 0.9), "no cell has an edge");
    return exact.filter((value, k) => Math.abs(value - bytes[b * exact.length + k]) > 1e-4).length / exact.length;
  });
  // Photographs have no such cells; these drawings have noise in all pixels but on edges of bins.
  assertTrue(Math.max(...far) < 0.05, `${far} of the numbers differ`);
});

Deno.test("projectionTokenizer() tells patches apart by their pattern, not by brightness or contrast", () => {
  const config = { ...VIT, vocabulary: 64 }, tokenizer = projectionTokenizer(config), patches = normals(500 * 192, 3);
  const words = tokenizer(patches), counts = new Map<number, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  // 500 patches of noise over 64 words of about 8 each: the most frequent one has far less than a tenth.
  assertTrue(counts.size > 55 && Math.max(...counts.values()) < 50, `${counts.size} words`);
  assertEqual(tokenizer(patches.map((value) => 3 * value + 2)), words);
  assertEqual([...words.slice(0, 8)], [...projectionTokenizer(config)(patches).slice(0, 8)]);
  assertEqual([...tokenizer(new Float32Array(192))], [0]);
});

Deno.test("what these methods cannot be is refused by key, value found and value wanted", async () => {
  const cases: [Name, Record<string, unknown>, string][] = [
    ["simmim", { maskRatio: 1.5 }, "maskRatio 1.5: want a number from 0 to 1"],
    ["simmim", { maskRatio: 1, predRatio: 1 }, "maskRatio 1: want some of the 4 cells masked and some visible"],
    ["simmim", { imageSize: 40 }, "pattern cells: want an even grid of patches, found 5"],
    ["simmim", { pattern: "rectangles" }, 'pattern "rectangles": want uniform or cells'],
    ["simmim", { target: "hog" }, "target"],
    ["maskfeat", { predRatio: 1 }, "predRatio 1: want 0.4 to 0.8, what 2 views can mask"],
    ["maskfeat", { pattern: "blocks" }, 'pattern "blocks": want uniform, cells or rectangles'],
    ["maskfeat", { minPatches: 9 }, "minPatches 9: want at most the 6 patches that a view masks"],
    ["maskfeat", { maskRatio: 0.02, predRatio: 0.04 }, "maskRatio 0.02: want some of the 16 patches masked"],
    ["maskfeat", { imageSize: 35, patchSize: 7 }, "patchSize 7: want an even one, for cells of HOG"],
    ["beit", { vocabulary: 1 }, "vocabulary 1: want a whole number of words from 2 to 65536"],
    ["beit", { positions: "fixed" }, 'positions "fixed": want relative or absolute'],
    ["beit", { tokenizer: "dalle" }, 'tokenizer "dalle": want projection, the tokenizer that needs no training'],
  ];
  for (const [name, changed, message] of cases) {
    await assertRejects(
      () => new Promise((done) => done(methodOf({ name, ...ALL[name], ...changed }))),
      message,
    );
  }
});
