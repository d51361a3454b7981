import * as tf from "@tensorflow/tfjs-core";
import { countOf, type Feeds, type Program } from "../core/engine/program.ts";
import type { ConvMaeConfig } from "../core/methods/convmae/config.ts";
import { convMae } from "../core/methods/convmae/method.ts";
import { convMaeProgram } from "../core/methods/convmae/program.ts";
import type { MaeConfig } from "../core/methods/mae/config.ts";
import type { Experiment } from "../experiments/experiment.ts";
import { table5 } from "../experiments/dmjd/table5.ts";
import { table6 } from "../experiments/dmjd/table6.ts";
import { allRows, runsOf } from "../experiments/plan.ts";
import { resolveSettings } from "../experiments/settings.ts";
import { methodOf } from "../core/methods/mod.ts";
import { classifierProgram, transferredParameters } from "../core/models/classifier.ts";
import { CONVIT_PRESETS } from "../core/models/config.ts";
import { encodeHybrid, hybridParameters, wholeImages } from "../core/models/hybrid.ts";
import { allTokens, gatherPatches } from "../core/models/patches.ts";
import { sincosPosEmbed2d } from "../core/models/posEmbed.ts";
import { namedNorm } from "../core/models/vit.ts";
import { layerDecayId } from "../core/optim/groups.ts";
import { randomStream } from "../core/random/stream.ts";
import { writeSafetensors } from "../core/safetensors/write.ts";
import { loadWeights } from "../training/weights/load.ts";
import { finetuneObjective } from "../training/phases/finetune.ts";
import { linear } from "../training/phases/linear.ts";
import type { LinearConfig, PretrainConfig } from "../training/config.ts";
import { Arena } from "../core/engine/arena.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue, relativeNorm } from "./assert.ts";
import { ONE_VIEW, TWO_VIEWS } from "./maeTools.ts";
import { inFolder } from "./reportTools.ts";
import { compiled, normals, randomArena, runOnce } from "./engineTools.ts";
import { FINETUNE, images, pretrain, pretrainConfig } from "./trainingTools.ts";

/** Two disjoint views; stages of 16 x 16 and 8 x 8 pixels, whose channels fill blocks of 8. */
const TWO: ConvMaeConfig = {
  ...TWO_VIEWS,
  stages: { patchSizes: [2, 2], dims: [8, 16], depths: [1, 1], mlpRatio: 2, normEps: 1e-5 },
};
const ONE: ConvMaeConfig = { ...TWO, ...ONE_VIEW };

/** Two images that are no constants. */
const PIXELS = Uint8Array.from({ length: 2 * 32 * 32 * 3 }, (_, k) => (k * 7919) % 251);
const NORMALISED = Float32Array.from(PIXELS, (value) => value / 127.5 - 1);

function feedsOf(config: ConvMaeConfig): Feeds {
  const feeder = convMae.feeder(config, [true]);
  return feeder.inputs(
    NORMALISED,
    2,
    feeder.targets(PIXELS, 2),
    (image, view) => randomStream(9, "mask", image, view),
  );
}

const run = (program: Program, feeds: Feeds) =>
  runOnce(compiled, program, randomArena(program, 0.2), feeds, program.parameters.map(({ name }) => name));

Deno.test("ConvMAE: the same mask twice is one view, the same loss and gradients", async () => {
  const twiceConfig = { ...TWO, predRatio: TWO.maskRatio };
  const one = await run(convMae.program(ONE, 2, [true]), feedsOf(ONE));
  const twice = await run(convMae.program(twiceConfig, 2, [true]), feedsOf(twiceConfig));
  assertAlmostEqual(twice.outputs.loss[0], one.outputs.loss[0], 1e-5); // sums in another order
  for (const [name, gradient] of Object.entries(one.gradients)) {
    assertTrue(relativeNorm(twice.gradients[name], gradient) < 1e-4, name); // the same, a hundred times as long
    assertTrue(gradient.some((value) => value !== 0), `${name} has no gradient`);
  }
});

Deno.test("ConvMAE: rows of visible patches alone give what whole images give whose masked pixels are set to 0", async () => {
  const feeds = feedsOf(ONE), visibleRows = feeds.visibleRows as Int32Array, N = 16, rows = visibleRows.length;
  const looked = convMaeProgram({ config: ONE, rows: 2, looked: true }), arena = randomArena(looked, 0.2);
  // As in the released code: all pixels pass all layers, and the depthwise convolutions take 0 for masked ones.
  const literal: Program = {
    parameters: looked.parameters,
    inputs: {
      patches: { shape: [2 * N, 192], dtype: "float32" },
      isVisible: { shape: [2 * N, 1], dtype: "float32" },
      visibleRows: { shape: [rows], dtype: "int32" },
    },
    build(p, { patches, isVisible, visibleRows }) {
      const layout = { ...wholeImages(2, 4), spread: (all: tf.Tensor) => tf.mul(all, isVisible) };
      const positions = tf.tensor3d(sincosPosEmbed2d(ONE.embedDim, 4, 0), [1, N, ONE.embedDim]);
      // No block of the transformer, which would let masked patches attend.
      const x = encodeHybrid(p, { ...ONE, depth: 0 }, patches, { layout, positions, fused: true });
      return { latent: tf.gather(namedNorm(p, "norm", x), visibleRows as tf.Tensor1D) };
    },
  };
  const patches = gatherPatches(NORMALISED, ONE, allTokens(2, N)), isVisible = new Float32Array(2 * N);
  visibleRows.forEach((row) => isVisible[row] = 1);
  const whole = await runOnce(compiled, literal, arena, { patches, isVisible, visibleRows });
  const short = convMaeProgram({ config: { ...ONE, depth: 0 }, rows: 2, looked: true });
  const own = await runOnce(compiled, short, randomArena(looked, 0.2), feeds);
  assertTrue(relativeNorm(own.outputs.latent, whole.outputs.latent) < 1e-6, "other latents"); // sums in another order
  const unmasked = await runOnce(compiled, literal, arena, { patches, isVisible: isVisible.map(() => 1), visibleRows });
  assertTrue(relativeNorm(unmasked.outputs.latent, whole.outputs.latent) > 1e-3, "masked pixels make no difference");
});

Deno.test("drop path of a hybrid classifier drops the branches of every stage, image by image", async () => {
  const config = { ...convMae.encoder(TWO).vit, numClasses: 3 }, program = classifierProgram(config, 2);
  const branches = ["blocks1.0.conv2", "blocks1.0.mlp.fc2", "blocks2.0.conv2", "blocks2.0.mlp.fc2"];
  for (const block of [0, 1]) branches.push(`blocks3.${block}.attn.proj`, `blocks3.${block}.mlp.fc2`);
  const feeds = { patches: normals(2 * 16 * 192, 4), targets: Float32Array.of(1, 0, 0, 0, 1, 0) };
  for (const [dropped, branch] of branches.entries()) {
    const keep = new Float32Array(2 * branches.length).fill(1).fill(0, 2 * dropped, 2 * dropped + 2);
    const { gradients } = await run(program, { ...feeds, keep });
    const idle = branches.filter((name) => gradients[`${name}.bias`].every((value) => value === 0));
    assertEqual(idle, [branch]);
  }
});

/** Two epochs in which the stages freeze first. */
const config: PretrainConfig = {
  ...pretrainConfig({ epochs: 2, batch: 8, baseLr: 0.02 }, { t0: 0.5 }),
  method: { name: "convmae", ...TWO },
};

Deno.test("fine-tuning takes over stages, embeddings and blocks of what ConvMAE pre-trained while layers froze", async () => {
  const { arena } = await pretrain(config), model = convMae.encoder(TWO).vit;
  const objective = finetuneObjective({ ...FINETUNE, model }, { dataset: images, seed: 1, from: arena });
  const classifier = new Arena(objective.parameters);
  objective.initialize(classifier);
  const taken = transferredParameters({ ...model, numClasses: 1 });
  assertEqual(taken.length, hybridParameters(TWO).length);
  for (const name of taken) assertEqual(classifier.view(name).slice(), arena.view(name).slice(), name);
});

Deno.test("hybrid encoders have the published numbers of parameters", () => {
  const millions = (name: keyof typeof CONVIT_PRESETS, mlpRatio: number) => {
    const { stages, ...shape } = CONVIT_PRESETS[name];
    const parameters = hybridParameters({ imageSize: 224, ...shape, stages: { ...stages, mlpRatio } });
    return countOf(parameters) / 1e6;
  };
  // The trunk without head and last norm; METHOD.
  assertAlmostEqual(millions("convit-b16", 8), 87.9, 0.06);
  assertAlmostEqual(millions("convit-b16", 4), 84.5, 0.06);
  assertAlmostEqual(millions("convit-l16", 8), 322, 0.6);
});

Deno.test("layer decay counts both stages and all embeddings as layer 0", () => {
  const names = [
    "pos_embed",
    "patch_embed1.proj.weight",
    "patch_embed4.bias",
    "blocks1.0.norm1.weight",
    "blocks2.1.conv1.bias",
  ];
  assertEqual(names.map((name) => layerDecayId(name, 11)), [0, 0, 0, 0, 0]);
  assertEqual(["blocks3.0.norm1.bias", "blocks3.10.mlp.fc1.weight", "fc_norm.bias"].map((n) => layerDecayId(n, 11)), [
    1,
    11,
    12,
  ]);
});

Deno.test("what a hybrid encoder cannot be is refused by key, value found and value wanted", async () => {
  const { stages } = TWO;
  const cases: [Partial<ConvMaeConfig>, string][] = [
    [
      { stages: { ...stages, patchSizes: [4, 4] } },
      "stages.patchSizes [4,4]: want such that their product divides the patchSize 8",
    ],
    [{ stages: { ...stages, patchSizes: [4] as never } }, "stages.patchSizes"],
    [{ stages: { ...stages, mlpRatio: 0.3 } }, "stages.mlpRatio 0.3: want one that makes a whole number of 8"],
    [{ stages: { ...stages, depths: [0, 1] } }, "stages.depths.0 0: want"],
    [{ stages: undefined as never }, "stages"],
    [{ predRatio: 0.5 }, "predRatio 0.5: want 0.75 to 1, what 2 views can mask"],
  ];
  for (const [changed, message] of cases) {
    await assertRejects(() => new Promise((done) => done(methodOf({ name: "convmae", ...TWO, ...changed }))), message);
  }
  const mae = { ...TWO, name: "mae" };
  await assertRejects(() => new Promise((done) => done(methodOf(mae))), "Cannot use the method mae: stages");
  const probe = { model: convMae.encoder(TWO).vit, pool: "cls" } as LinearConfig;
  assertEqual(linear.fault(probe), "pool cls: want mean, for a model with stages has no class token");
});

Deno.test("DMJD's rows on ConvMAE: what each changes of the encoder goes with it to fine-tuning and probes", () => {
  const settings = { ...resolveSettings(table6, "ci", []), seed: 0 };
  const rows = ["convmae_b", "convmae_b_dmjd", "convmae_l", "convmae_l_dmjd"];
  const runs = runsOf(table6, settings, { rows, seeds: [0], probes: ["linear", "knn"] });
  const widths = runs.map(({ row, phases }) => [
    row,
    ...new Set(phases.map(({ from, config }) => {
      assertEqual(
        (config.model as ConvMaeConfig).stages,
        (from!.phase.config.method as unknown as ConvMaeConfig).stages,
      );
      return (config.model as ConvMaeConfig).stages.mlpRatio;
    })),
  ]);
  assertEqual(widths, [["convmae_b", 4], ["convmae_b_dmjd", 8], ["convmae_l", 8], ["convmae_l_dmjd", 8]]);
});

Deno.test("Table VI: rows see views in the ratios of their printed effective epochs, those on a plain encoder have one of one width", () => {
  const teacher = JSON.stringify({ weights: "a".repeat(64), dim: 64, loss: "squared" });
  const settings = { ...resolveSettings(table6, "twin", [`teacher=${teacher}`]), seed: 0 };
  const runs = runsOf(table6, settings, { rows: allRows(table6, settings), seeds: [0], probes: [] });
  const printed: Record<string, [name: string, effective: number]> = {
    mae: ["mae", 1600],
    simmim: ["simmim", 800],
    maskfeat: ["maskfeat", 1600],
    maskfeat_dmjd: ["mae", 1600],
    convmae_b: ["convmae", 1600],
    convmae_b_dmjd: ["convmae", 800],
    convmae_l: ["convmae", 800],
    convmae_l_dmjd: ["convmae", 800],
    beit: ["beit", 800],
    taught: ["convmae", 400],
    taught_dmjd: ["convmae", 400],
    taught_l_dmjd: ["convmae", 400],
  };
  for (const [row, [name, effective]] of Object.entries(printed)) {
    const { phases: [{ from }] } = runs.find((run) => run.row === row)!, config = from!.phase.config as PretrainConfig;
    const { name: found, views, target, embedDim } = config.method as unknown as MaeConfig & { name: string };
    assertEqual([row, found], [row, name]);
    // The small scale gives every method's baseline as many views.
    const wanted = name === "simmim" || name === "beit" ? 8 : effective / 200;
    assertEqual([row, config.epochs * views], [row, wanted]);
    if (row.startsWith("taught")) assertEqual([row, target], [row, "features"]);
    if (name !== "convmae") assertEqual([row, embedDim], [row, 96]);
  }
});

Deno.test("settings of tables on ConvMAE that do not fit are refused by key, value found and value wanted", async () => {
  const cases: [Experiment<never>, string, string, string][] = [
    [table6, "ci", "joint.mlpRatio=0.3", "joint.mlpRatio 0.3: want one that makes a whole number of 16"],
    [table6, "ci", "large.model.embedDim=66", "large.model.embedDim 66: want a multiple of 4 and of the 4 numHeads"],
    [
      table6,
      "ci",
      "joint.length=0.25",
      "pretrain.epochs 4: want so many that 0.25 of them are whole epochs of 2 views",
    ],
    [table6, "ci", "method=mae", 'method "mae": want convmae'],
    [table5, "convmae-ci", "linear.pool=cls", "linear.pool cls: want mean, for a model with stages has no class token"],
    [table5, "convmae-ci", "model.stages.normEps=0", "model.stages.normEps 0: want a number above 0"],
    [table5, "ci", "method=simmim", 'method "simmim": want mae or convmae'],
  ] as never;
  for (const [experiment, profile, change, message] of cases) {
    await assertRejects(() => new Promise(() => resolveSettings(experiment, profile, [change])), message);
  }
});

/** A state dict of released code: random parameters, and the tensors that nothing trains. */
function stateDict(more: Record<string, number[]> = {}) {
  const arena = randomArena(convMae.program(TWO, 1, [true]), 1);
  const own = arena.names().map((name) => [name, arena.shape(name), arena.view(name)] as const);
  const others = Object.entries(more).map(([name, shape]) =>
    [name, shape, normals(countOf([{ name, shape }]), 3)] as const
  );
  const tensors = [...own, ...others].map(([name, shape, data]) =>
    [name, { dtype: "F32" as const, shape, data: data.slice() }] as const
  );
  return { arena, bytes: writeSafetensors([...tensors, ...convMae.official!.fixed(TWO)]) };
}

Deno.test("state dicts of DMJD's code are read: their shapes tell the model, and every number is kept", () =>
  inFolder(async (folder) => {
    const file = `${folder}/a.safetensors`, { arena, bytes } = stateDict();
    await Deno.writeFile(file, bytes);
    const { model, tensors, leftOut } = await loadWeights(file, { heads: 2, decoderHeads: 2 });
    // Masks are told by the branch: cells of 0.6, as DMJD has them.
    assertEqual(model, { kind: "convmae", config: { ...TWO, pattern: "cells", maskRatio: 0.6 } as object });
    assertEqual([tensors.size, leftOut], [arena.names().length, 2]);
    for (const [name, { data }] of tensors) assertEqual(data, arena.view(name).slice(), name);
    const encoder = await loadWeights(file, { heads: 2, encoderOnly: true });
    assertEqual(encoder.model, { kind: "encoder", config: convMae.encoder(TWO).vit });
    assertEqual(encoder.tensors.size, hybridParameters(TWO).length + 2); // and the last norm
    const foreign = stateDict({ "blocks3.0.attn.relative_position_bias_table": [9, 2] });
    await Deno.writeFile(file, foreign.bytes);
    await assertRejects(
      () => loadWeights(file, { heads: 2, encoderOnly: true }),
      "it holds blocks3.0.attn.relative_position_bias_table, which the encoder here does not have",
    );
  }));
