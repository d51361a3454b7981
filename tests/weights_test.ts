import { Arena } from "../core/engine/arena.ts";
import { type ParameterSpec, sizeOf } from "../core/engine/program.ts";
import { maskFromNoise } from "../core/masking/randomMask.ts";
import { type ClassifierConfig, classifierInference } from "../core/models/classifier.ts";
import { LOCALMIM_VIT_B, type LocalMimConfig } from "../core/methods/localmim/config.ts";
import { tokenCount, type VitConfig } from "../core/models/config.ts";
import { initialize } from "../core/models/init.ts";
import { localMimProgram } from "../core/methods/localmim/program.ts";
import { gatherPatches } from "../core/models/patches.ts";
import { maskFeeds } from "../core/methods/localmim/feeds.ts";
import { localMimParameters } from "../core/methods/localmim/parameters.ts";
import { readSafetensors } from "../core/safetensors/read.ts";
import type { Tensor } from "../core/safetensors/tensor.ts";
import { writeSafetensors } from "../core/safetensors/write.ts";
import { allTokens } from "../core/models/patches.ts";
import { type Phase, phaseKey, type PhaseKind, plainPhase } from "../records/phase.ts";
import { WEIGHTS_FORMAT, weightsMetadata } from "../training/checkpoint/weightsFile.ts";
import { encoderWeights, inDtype, renamed } from "../training/weights/convert.ts";
import { inferModel } from "../training/weights/inferModel.ts";
import { matchModel } from "../training/weights/matchModel.ts";
import { type Model, modelOf, modelParameters } from "../training/weights/model.ts";
import { type StoredTensor, toFloat32 } from "../training/weights/tensors.ts";
import { assertEqual, assertRejects, assertTrue, relativeNorm } from "./assert.ts";
import { assertRefused, run, runWell } from "./commandTools.ts";
import { compiled, normals, runOnce, TINY } from "./engineTools.ts";
import { goldenFixture } from "./goldenFixtures.ts";
import { peerPython } from "./peerPython.ts";
import { record } from "./reliability/record.ts";

const { imageSize, patchSize, embedDim, depth, numHeads, mlpRatio } = TINY;
const VIT: VitConfig = { imageSize, patchSize, embedDim, depth, numHeads, mlpRatio };
const localmim: Model = { kind: "localmim", config: TINY };
const CLASSIFIER: ClassifierConfig = { ...VIT, numClasses: 5 };
const classifier: Model = { kind: "classifier", config: CLASSIFIER };
const linear: Model = { kind: "linear", config: { ...CLASSIFIER, pool: "mean" } };
const encoder: Model = { kind: "encoder", config: VIT };

/** Random weights of a model. */
function weights(model: Model, parameters: ParameterSpec[] = modelParameters(model)): Map<string, Tensor> {
  return new Map(
    parameters.map(({ name, shape }, i) =>
      [name, { dtype: "F32", shape, data: normals(sizeOf(shape), 7 + i).map((value) => value * 0.1) }] as const
    ),
  );
}

function stored(tensors: ReadonlyMap<string, Tensor>): Map<string, StoredTensor> {
  return new Map([...tensors].map(([name, { dtype, shape, data }]) => [name, { dtype, shape, read: () => data }]));
}

/** A state dict in official names with some tensors changed; undefined takes one away. */
function official(model: Model, changes: Record<string, Tensor | undefined> = {}): Map<string, StoredTensor> {
  const tensors = new Map(renamed({ model, tensors: weights(model) }, "official", "a").tensors);
  for (const [name, tensor] of Object.entries(changes)) {
    if (tensor) tensors.set(name, tensor);
    else tensors.delete(name);
  }
  return stored(tensors);
}

const ones = (...shape: number[]): Tensor => ({ dtype: "F32", shape, data: new Float32Array(sizeOf(shape)).fill(1) });

/** A file as a run leaves it. */
function ownFile(model: Model, tensors = weights(model), prefix = ""): Uint8Array {
  return writeSafetensors(
    [...tensors].map(([name, tensor]) => [`${prefix}${name}`, tensor] as const),
    weightsMetadata(model),
  );
}

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Makes the folder of a phase with the files of weights that it kept; gives the folder's name. */
async function leavePhase(root: string, kind: PhaseKind, kept: Record<number, Uint8Array>): Promise<string> {
  const phase: Phase = { kind, seed: 0, data: { source: "images", classes: null, train: null }, config: {} };
  const name = `${kind}-localmim-${phaseKey(phase).slice(0, 12)}`;
  await Deno.mkdir(`${root}/${name}`);
  await Deno.writeTextFile(`${root}/${name}/phase.json`, JSON.stringify({ phase: plainPhase(phase), data: "" }));
  for (const [epochs, bytes] of Object.entries(kept)) {
    await Deno.writeFile(`${root}/${name}/weights-${epochs}.safetensors`, bytes);
  }
  return name;
}

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
  assertEqual(given.tensors.get("pos_embed")!.shape, [1, 17, embedDim]);
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
  await refused("lenet", {}, `kind "lenet": want localmim, mae, convmae, classifier, linear, encoder, ${nets}`);
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

Deno.test("weights:export and weights:import carry a run's weights out and back, the same bytes every time", async () => {
  await inFolder(async (folder) => {
    const older = new Map([...weights(localmim)].map(([name, { shape }]) => [name, ones(...shape)]));
    const pretrain = await leavePhase(folder, "pretrain", { 1: ownFile(localmim, older), 2: ownFile(localmim) });
    const finetune = await leavePhase(folder, "finetune", { 1: ownFile(classifier) });
    const bytes = (name: string) => Deno.readFile(`${folder}/${name}.safetensors`);
    const back = async (args: string[], run = ".") => {
      await runWell("weights:export", folder, run, "--to", "out.safetensors", ...args);
      const { out } = await runWell("weights:import", folder, "out.safetensors", "--to", "back.safetensors");
      return { out, tensors: readSafetensors(await bytes("back")).tensors };
    };
    const all = await back(["--names", "official"]);
    assertEqual(all.tensors, readSafetensors(ownFile(localmim)).tensors);
    assertTrue(all.out.includes("4 decoders after blocks 1, 2, 3, 4"), all.out);
    const first = await bytes("out");
    await runWell("weights:export", folder, pretrain, "--to", "out.safetensors", "--names", "official");
    assertEqual(await bytes("out"), first);
    assertEqual((await back(["--names", "official", "--epochs", "1"], pretrain)).tensors, older);
    const timm = await back([]);
    assertEqual([...timm.tensors.keys()].sort(), modelParameters(encoder).map(({ name }) => name).sort());
    assertEqual(timm.tensors.get("norm.bias"), weights(localmim).get("norm.3.bias"));
    const { tensors } = readSafetensors(ownFile(classifier));
    assertEqual((await back(["--which", "finetune"])).tensors, tensors);
    assertEqual((await back([], finetune)).tensors, tensors);
    const { out } = await runWell("weights:list", folder, `${finetune}/weights-1.safetensors`);
    assertTrue(
      out.includes("model: classifier: width 16, 4 blocks, 2 heads, 32 pixels in patches of 8, 5 classes"),
      out,
    );
    await runWell("weights:export", folder, pretrain, "--to", "half.safetensors", "--dtype", "BF16");
    const half = readSafetensors(await bytes("half")).tensors.get("cls_token")!,
      full = weights(encoder).get("cls_token")!;
    // A brain float has 8 bits: half of the last one is 2^-9.
    assertTrue(
      half.dtype === "BF16" && relativeNorm(half.data as Float32Array, full.data as Float32Array) < 2 ** -9,
      "BF16",
    );
    assertTrue(/^head\.weight +F32 +\[5, 16\]$/m.test(out), out);
  });
});

Deno.test("weights:export takes a checkpoint without the optimiser's moments", async () => {
  await inFolder(async (folder) => {
    const values = [...weights(localmim)];
    const tensors = values.flatMap(([name, tensor]) =>
      ["value", "moment1", "moment2"].map((region) => [`${region}/${name}`, tensor] as const)
    );
    await Deno.writeFile(`${folder}/c.safetensors`, ownFile(localmim, new Map(tensors)));
    await runWell("weights:export", folder, "c.safetensors", "--to", "out.safetensors", "--names", "official");
    const { tensors: given } = readSafetensors(await Deno.readFile(`${folder}/out.safetensors`));
    for (const [name, tensor] of values) assertEqual(given.get(name), tensor);
  });
});

/** Writes a run's file, exports it to timm, and gives what timm computes with it. */
async function timmOutputs(folder: string, file: Uint8Array, images: Tensor): Promise<Map<string, Tensor>> {
  await Deno.writeFile(`${folder}/own.safetensors`, file);
  await Deno.writeFile(`${folder}/images.safetensors`, writeSafetensors([["images", images]]));
  await runWell("weights:export", folder, "own.safetensors", "--to", "timm.safetensors");
  await timm!(...["timm", "images", "outputs"].map((name) => `${folder}/${name}.safetensors`));
  return readSafetensors(await Deno.readFile(`${folder}/outputs.safetensors`)).tensors;
}

/** Random weights in an arena: biases and norms too, which start as zeros and ones. */
function randomWeights(model: Model): Arena {
  const parameters = modelParameters(model), arena = new Arena(parameters, 1);
  if (model.kind === "localmim") initialize(arena, localMimParameters(model.config as LocalMimConfig), 3);
  for (const [i, { name, shape }] of parameters.entries()) {
    if (sizeOf(shape) > 1e5) continue;
    normals(sizeOf(shape), 50 + i).forEach((value, k) => arena.view(name)[k] += 0.1 * value);
  }
  return arena;
}

const file = (model: Model, arena: Arena) =>
  ownFile(
    model,
    new Map(
      arena.names().map((name) => [name, { dtype: "F32", shape: arena.shape(name), data: arena.view(name) }] as const),
    ),
  );

const photographs = (batch: number, side: number): Tensor & { data: Float32Array } => {
  const shape = [batch, 3, side, side];
  return { dtype: "F32", shape, data: normals(sizeOf(shape), 9) };
};

/** Float32 sums over up to 3072 terms in 12 blocks, in another order. */
const TIMM_TOLERANCE = 1e-5;
const timm = peerPython("timm_outputs.py");

for (const [name, config] of Object.entries({ "a small model": TINY, "ViT-B/16": LOCALMIM_VIT_B })) {
  Deno.test({
    name: `timm computes from an exported LocalMIM what our encoder computes: ${name}`,
    ignore: !timm,
    async fn() {
      const batch = 2,
        seeing = { ...config, maskRatio: 0 },
        tokens = tokenCount(config),
        images = photographs(batch, config.imageSize);
      const arena = randomWeights({ kind: "localmim", config });
      const masks = Array.from(
        { length: batch },
        () => maskFromNoise(Float32Array.from({ length: tokens }, (_, i) => i), 0),
      );
      const patches = gatherPatches(images.data, config, allTokens(batch, tokens));
      const options = { config: seeing, batch, liveStages: [false, false, false, true], heads: "all" as const };
      const feeds = { ...maskFeeds(seeing, masks), patches }, program = localMimProgram(options);
      const { outputs: { latent3 } } = await runOnce(compiled, program, arena, feeds);
      await inFolder(async (folder) => {
        const outputs = await timmOutputs(folder, file({ kind: "localmim", config }, arena), images);
        const found = outputs.get("tokens")!, off = relativeNorm(found.data as Float32Array, latent3);
        assertEqual(found.shape, [batch, tokens + 1, config.embedDim]);
        console.log(`relative error ${off.toExponential(1)}`);
        assertTrue(off <= TIMM_TOLERANCE, `timm is off by ${off}`);
        await record(`weights-${config.embedDim}`, {
          promise: "Exported weights compute in timm what they compute here",
          how: `${name}, random weights, 2 images, all tokens after the last norm`,
          count: `relative error ${off.toExponential(1)}, wanted ${TIMM_TOLERANCE}`,
        });
      });
    },
  });
}

Deno.test({
  name: "timm computes from an exported classifier what ours computes",
  ignore: !timm,
  async fn() {
    const config = CLASSIFIER, batch = 3, images = photographs(batch, config.imageSize);
    const arena = randomWeights(classifier),
      patches = gatherPatches(images.data, config, allTokens(batch, tokenCount(config)));
    const { outputs: { logits } } = await runOnce(compiled, classifierInference(config, batch), arena, { patches });
    await inFolder(async (folder) => {
      const found = (await timmOutputs(folder, file(classifier, arena), images)).get("logits")!;
      const off = relativeNorm(found.data as Float32Array, logits);
      assertTrue(found.data.length === 15 && off <= TIMM_TOLERANCE, `timm is off by ${off}`);
    });
  },
});

const torch = peerPython("torch_files.py");
Deno.test({
  name: "weights:import takes a checkpoint that torch.save wrote, with its optimiser beside, value by value",
  ignore: !torch,
  async fn() {
    await inFolder(async (folder) => {
      await Deno.writeFile(`${folder}/own.safetensors`, ownFile(localmim));
      await runWell("weights:export", folder, "own.safetensors", "--to", "out.safetensors", "--names", "official");
      await torch!(folder, `${folder}/out.safetensors`);
      const options = ["--heads", "2", "--decoder-heads", "4", "--stage-blocks", "1,2,3,4"];
      const { out } = await runWell("weights:import", folder, "weights.pth", "--to", "back.safetensors", ...options);
      const { metadata, tensors } = readSafetensors(await Deno.readFile(`${folder}/back.safetensors`));
      assertEqual([modelOf(metadata, "back"), tensors], [localmim, readSafetensors(ownFile(localmim)).tensors]);
      assertTrue(out.includes("left out: optimizer, epoch, scaler, args"), out);
    });
  },
});

Deno.test("weights commands refuse what they cannot do in one line", async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/run`);
    const phase = await leavePhase(folder, "finetune", { 3: ownFile(classifier) });
    await Deno.writeFile(`${folder}/own.safetensors`, ownFile(localmim));
    await Deno.writeFile(`${folder}/head.safetensors`, ownFile(linear));
    await Deno.writeTextFile(`${folder}/a.txt`, "hello");
    const to = ["--to", "out.safetensors"];
    assertRefused(await run("weights:export", folder, "run", ...to), "it holds no weights, want weights-*.safetensors");
    assertRefused(
      await run("weights:export", folder, ".", ...to),
      "it holds no weights",
      "in one pretrain phase's folder",
    );
    const second = ["--epochs", "2"], which = ["--which", "finetune"];
    assertRefused(await run("weights:export", folder, phase, ...to, ...second), "holds weights-3", "want weights-2.");
    assertRefused(await run("weights:export", folder, phase, ...to, ...which), "no effect in the folder of one phase");
    assertRefused(await run("weights:export", folder, "head.safetensors", ...to), "the head of a linear probe");
    assertRefused(await run("weights:export", folder, "nothing", ...to), "no such file or folder");
    assertRefused(await run("weights:export", folder, "own.safetensors"), "no --to");
    assertRefused(await run("weights:export", folder, "own.safetensors", "--to", "a.bin"), "ends in .safetensors");
    assertRefused(await run("weights:export", folder, "own.safetensors", ...to, ...which), "no effect");
    assertRefused(await run("weights:export", folder, "own.safetensors", ...to, ...second), "no effect");
    assertRefused(
      await run("weights:export", folder, "own.safetensors", ...to, "--names", "mae"),
      "want timm or official",
    );
    assertRefused(await run("weights:import", folder, ...to), "no FILE");
    assertRefused(await run("weights:import", folder, "own.safetensors", ...to, "--heads", "4"), "says itself");
    assertRefused(await run("weights:import", folder, "a.txt", ...to), "want a safetensors file, or one of torch.save");
    assertRefused(await run("weights:list", folder, "run"), "Cannot read run");
  });
});
