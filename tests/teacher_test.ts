import { parseCommand } from "../commands/repro/flags.ts";
import { whitenFeatures } from "../core/methods/mae/targets.ts";
import type { MaeConfig } from "../core/methods/mae/config.ts";
import { gridSize, tokenCount } from "../core/models/config.ts";
import { allTokens, gatherPatches } from "../core/models/patches.ts";
import { teacherProgram } from "../core/models/teacher.ts";
import { encoderSpecs, featureProgram } from "../core/probes/features.ts";
import { getTensor } from "../core/safetensors/get.ts";
import { readSafetensors } from "../core/safetensors/read.ts";
import type { Tensor } from "../core/safetensors/tensor.ts";
import { writeSafetensors } from "../core/safetensors/write.ts";
import { toPlanar } from "../datasets/transforms/normalize.ts";
import { saveWeights, weightsMetadata } from "../training/checkpoint/weightsFile.ts";
import type { PretrainConfig } from "../training/config.ts";
import { pretrain as runner } from "../training/phases/pretrain.ts";
import { cropFeatures } from "../training/teacher/cropFeatures.ts";
import { openFeatures } from "../training/teacher/featureMaps.ts";
import { readTeacher } from "../training/teacher/readTeacher.ts";
import { checkTeacher, type Teacher } from "../training/teacher/teacher.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue, relativeNorm } from "./assert.ts";
import { assertRefused, filesBelow, overridden, run, runWell, settings, TINY_CI } from "./commandTools.ts";
import { CompiledEngine } from "../core/engine/compiled.ts";
import type { Ranks } from "../core/parallel/ranks.ts";
import { onRanks } from "./ranksInProcess.ts";
import { compiled, normals, randomArena, runOnce } from "./engineTools.ts";
import { TWO_VIEWS } from "./maeTools.ts";
import { inFolder } from "./reportTools.ts";
import { stateHash, timeless } from "./runState.ts";
import { images, monitor, pretrainConfig, WatchedEngine, workOf } from "./trainingTools.ts";

/** CLIP's image encoder of two blocks for images of 32 pixels in patches of 8, width 64, and what PyTorch makes of an image. */
const CLIP = new URL("fixtures/clip/tiny.safetensors", import.meta.url).pathname;
const FEATURES = new URL("fixtures/clip/features.safetensors", import.meta.url).pathname;

/** Features of an image's patches. */
async function featuresOf({ model, arena }: Teacher, pixels: Uint8Array): Promise<Float32Array> {
  const planes = new Float32Array(pixels.length);
  toPlanar(pixels, planes, 0, model.mean, model.std);
  const patches = gatherPatches(planes, model, allTokens(1, tokenCount(model)));
  return (await runOnce(compiled, teacherProgram(model, 1), arena, { patches })).outputs.features;
}

Deno.test("CLIP's image encoder gives the features that PyTorch gives: ln_pre, QuickGELU, ln_post, no bias of patches", async () => {
  const teacher = await readTeacher(CLIP),
    { imageSize, patchSize, embedDim, depth, numHeads, mlpRatio } = teacher.model;
  assertEqual([imageSize, patchSize, embedDim, depth, numHeads, mlpRatio], [32, 8, 64, 2, 1, 0.25]);
  const pixels = Uint8Array.from({ length: 32 * 32 * 3 }, (_, k) => (k * 7919) % 251);
  const wanted = getTensor(readSafetensors(await Deno.readFile(FEATURES), "features"), "features", Float32Array).data;
  const far = relativeNorm(await featuresOf(teacher, pixels), wanted);
  assertTrue(far < 2e-6, `${far}`); // float32 sums in another order
  const plain = { ...teacher, model: { ...teacher.model, activation: "gelu" as const } };
  assertTrue(relativeNorm(await featuresOf(plain, pixels), wanted) > 1e-3, "another activation gives the same");
});

Deno.test("any encoder that is read teaches: its patches' mean is the pooled feature of probes", () =>
  inFolder(async (folder) => {
    const vit = { imageSize: 32, patchSize: 8, embedDim: 16, depth: 2, numHeads: 2, mlpRatio: 4 };
    const arena = randomArena({ parameters: encoderSpecs(vit), inputs: {}, build: () => ({}) }, 0.3);
    await saveWeights(`${folder}/encoder.safetensors`, arena, weightsMetadata({ kind: "encoder", config: vit }));
    const teacher = await readTeacher(`${folder}/encoder.safetensors`), planes = normals(3 * 32 * 32, 1);
    assertEqual([teacher.model.learned, teacher.model.normAfter, teacher.model.normBefore], [false, false, false]);
    const patches = gatherPatches(planes, vit, allTokens(1, 16));
    const { features } =
      (await runOnce(compiled, teacherProgram(teacher.model, 1), teacher.arena, { patches })).outputs;
    const pooled = (await runOnce(compiled, featureProgram(vit, 1, "mean"), arena, { patches })).outputs.features;
    const mean = Float32Array.from(
      { length: 16 },
      (_, d) => Array.from({ length: 16 }, (_, token) => features[token * 16 + d] / 16).reduce((a, b) => a + b),
    );
    // The probe's norm has eps 1e-6, that of targets 1e-5; float32.
    assertTrue(relativeNorm(whitenFeatures(mean, 16), pooled) < 1e-4, "another feature");
  }));

Deno.test("a teacher's file that lacks a tensor, has another shape or no numbers, or is no ViT, is refused by name", () =>
  inFolder(async (folder) => {
    const { tensors } = readSafetensors(await Deno.readFile(CLIP), CLIP), file = `${folder}/x.safetensors`;
    const read = async (change: (all: Map<string, Tensor>) => void) => {
      const all = new Map<string, Tensor>(tensors);
      change(all);
      await Deno.writeFile(file, writeSafetensors(all));
      return await readTeacher(file);
    };
    const tensor = (...shape: number[]): Tensor => ({
      dtype: "F32",
      shape,
      data: new Float32Array(shape.reduce((a, b) => a * b)),
    });
    const cases: [(all: Map<string, Tensor>) => void, string][] = [
      [(all) => all.delete("visual.ln_pre.weight"), "it lacks visual.ln_pre.weight of CLIP's image encoder"],
      [(all) => all.delete("visual.transformer.resblocks.1.attn.in_proj_bias"), "resblocks.1.attn.in_proj_bias"],
      [(all) => all.set("visual.ln_post.bias", tensor(65)), "tensor 'visual.ln_post.bias' is [65], want [64]"],
      [(all) => all.set("visual.positional_embedding", tensor(16, 64)), "16 positions"],
      [(all) => all.set("visual.ln_post.bias", { ...tensor(64), data: new Float32Array(64).fill(NaN) }), "not finite"],
      [(all) => all.delete("visual.conv1.weight"), "no 'patch_embed.proj.weight'"],
    ];
    for (const [change, message] of cases) await assertRejects(() => read(change), message);
    await Deno.writeTextFile(file, "no weights");
    await assertRejects(() => readTeacher(file), "Cannot read");
  }));

Deno.test("a teacher of other images, patches or width, or another file, is refused", async () => {
  const teacher = await readTeacher(CLIP), wanted = { weights: teacher.sha256, dim: 64 };
  const vit = { imageSize: 32, patchSize: 8 };
  checkTeacher(teacher, vit, wanted);
  const other = "it looks at 32 pixels in patches of 8, want ";
  await assertRejects(() => checkTeacher(teacher, { ...vit, imageSize: 64 }, wanted), `${other}64 in patches of 8`);
  await assertRejects(() => checkTeacher(teacher, { ...vit, patchSize: 4 }, wanted), `${other}32 in patches of 4`);
  await assertRejects(() => checkTeacher(teacher, vit, { ...wanted, dim: 768 }), "its features are 64 wide, want 768");
  await assertRejects(() => checkTeacher(teacher, vit, { ...wanted, weights: "f".repeat(64) }), "want ffff");
});

Deno.test("cropFeatures(): the whole image is the map, a flip its mirror, and a crop what lies under its patches", () => {
  // Two numbers of each patch: its column and its row.
  const grid = 4, map = Float32Array.from({ length: 32 }, (_, k) => k % 2 ? Math.floor(k / 8) : Math.floor(k / 2) % 4);
  const whole = { width: 80, height: 40, box: { left: 0, top: 0, width: 80, height: 40 }, flip: false };
  assertEqual(cropFeatures(map, grid, whole), map);
  const columns = (found: Float32Array) => Array.from({ length: 4 }, (_, x) => found[2 * x]);
  assertEqual(columns(cropFeatures(map, grid, { ...whole, flip: true })), [3, 2, 1, 0]);
  // The middle half: middles of its patches at 1.25 … 2.75 patches from the left, the map's at 0.5, 1.5, ….
  const middle = { ...whole, box: { left: 20, top: 10, width: 40, height: 20 } };
  const found = cropFeatures(map, grid, middle);
  assertEqual(columns(found), [0.75, 1.25, 1.75, 2.25]);
  assertEqual(Array.from({ length: 4 }, (_, y) => found[8 * y + 1]), [0.75, 1.25, 1.75, 2.25]);
  // Beyond the outermost middles there is nothing but these.
  assertEqual(columns(cropFeatures(map, grid, { ...whole, box: { ...whole.box, width: 20 } })), [0, 0, 0.125, 0.375]);
});

/** A masked autoencoder that learns the teacher's features in two views. */
function learner(teacher: Teacher, loss: "squared" | "cosine" = "squared"): PretrainConfig {
  const model: MaeConfig = {
    ...TWO_VIEWS,
    target: "features",
    teacher: { weights: teacher.sha256, dim: 64, loss },
  };
  const config = pretrainConfig({ epochs: 2, batch: 8, baseLr: 0.02 });
  return { ...config, method: { name: "mae", ...model }, freeze: null };
}

Deno.test("a teacher's features are computed once an image: no forward pass in the second epoch, nor in another run", () =>
  inFolder(async (folder) => {
    const teacher = await readTeacher(CLIP);
    const train = async (config: PretrainConfig, where = folder) => {
      let passed = 0;
      const epochs: number[] = [];
      const { arena, ...trained } = await runner.run(
        config,
        workOf({
          teacher: { model: teacher, folder: where, passed: (count) => passed += count },
          monitor: monitor(({ phase, epoch }) => {
            if (phase === "pretrain") epochs[epoch] = passed;
          }),
        }),
      );
      return { passed, epochs, state: stateHash(arena!), trained };
    };
    const first = await train(learner(teacher)), again = await train(learner(teacher));
    assertEqual([first.passed, first.epochs], [24, [24, 24]]);
    assertEqual([again.passed, again.epochs], [0, [0, 0]]);
    assertEqual(again.state, first.state, "cached features are not the computed ones");
    assertEqual(timeless(again.trained), timeless(first.trained));
    const angles = await train(learner(teacher, "cosine"));
    assertEqual(angles.passed, 0);
    const [before, after] = angles.trained.epochs.map(({ losses: { loss } }) => loss!);
    assertTrue(after < before && before < 4 && after > 0, `${before} then ${after}`); // two distances of at most 2
    assertTrue(angles.state !== first.state, "the loss does not matter");

    const [file, ...others] = await filesBelow(folder);
    assertEqual(others, []);
    const bytes = await Deno.readFile(`${folder}/${file}`);
    bytes[bytes.length - 1] ^= 1;
    await Deno.writeFile(`${folder}/${file}`, bytes);
    await assertRejects(() => train(learner(teacher)), "it is not what was written; want it removed");
    await Deno.remove(`${folder}/${file}`);
    assertEqual((await train(learner(teacher))).state, first.state);
    await assertRejects(() => runner.run(learner(teacher), workOf()), "want --teacher PATH");
  }));

Deno.test("several ranks compute a teacher's features once, and train as one does", () =>
  inFolder(async (folder) => {
    const teacher = await readTeacher(CLIP), engine = new CompiledEngine(1);
    let passed = 0;
    const train = (where: string, ranks?: Ranks) =>
      runner.run(
        learner(teacher),
        workOf({
          engine,
          ...(ranks && { ranks }),
          teacher: {
            model: teacher,
            folder: `${folder}/${where}`,
            passed: (count) => passed += count,
          },
        }),
      );
    const [first, second] = await onRanks(2, (ranks) => train("two", ranks));
    assertEqual(passed, 24);
    assertEqual(stateHash(second.arena!), stateHash(first.arena!));
    const alone = await train("one"), name = "blocks.1.mlp.fc2.weight";
    // Gradients of two halves are added in another order.
    assertTrue(relativeNorm(first.arena!.view(name), alone.arena!.view(name)) < 1e-4, "another training");
  }));

Deno.test("what training compares with are the features of each image's crop, rounded to halves and normalised", () =>
  inFolder(async (folder) => {
    const teacher = await readTeacher(CLIP), engine = new WatchedEngine(), config = learner(teacher);
    const given = { model: teacher, folder };
    await runner.run({ ...config, epochs: 1, cropScale: [1, 1] }, workOf({ engine, teacher: given }));
    const fed = engine.feeds.find(({ targetVisible }) => targetVisible)!;
    const maps = await openFeatures(given, workOf({ engine })),
      map = await maps.read(5),
      { crop } = await images.train.load(5);
    const own = await featuresOf(teacher, await crop({ left: 0, top: 0, width: 32, height: 32 }, 32));
    map.forEach((value, k) => assertAlmostEqual(value, own[k], 2 ** -10 * Math.abs(own[k]) + 1e-6, `${k}`)); // halves
    assertEqual([maps.grid, map.length], [gridSize(teacher.model), 16 * 64]);
    // A crop of all of a square image is the image, flipped or not: each row fed is a row of some image.
    const rows = new Set<string>();
    for (let index = 0; index < 24; index++) {
      const all = whitenFeatures(await maps.read(index), 64);
      for (let token = 0; token < 16; token++) rows.add(String(all.subarray(token * 64, token * 64 + 64)));
    }
    const target = fed.target as Float32Array;
    assertEqual(target.length, 16 * 12 * 64);
    for (let at = 0; at < target.length; at += 64) {
      assertTrue(rows.has(String(target.subarray(at, at + 64))), `row ${at}`);
    }
  }));

Deno.test("deno task repro --teacher trains a row on a teacher's features, and refuses one that does not fit or has no use", () =>
  inFolder(async (folder) => {
    const set = [...TINY_CI, ...settings({ "pretrain.epochs": 4 })],
      args = ["dmjd.table4", ...set, "--teacher", CLIP, "--threads", "1"];
    const { out } = await runWell("repro", folder, ...args, "--rows", "teacher", "--teacher-loss", "cosine");
    assertTrue(out.includes("features of a teacher"), out);
    assertEqual((await filesBelow(`${folder}/.cache/features`)).length, 1);
    assertRefused(await run("repro", folder, ...args, "--rows", "hog_ln"), "it has no effect in hog_ln");
    assertRefused(
      await run("repro", folder, "thesis.table17", "--profile", "ci", "--teacher", CLIP),
      "Cannot use --teacher",
      "thesis.table17, which has no row",
    );
    assertRefused(await run("repro", folder, "dmjd.table4", ...set, "--teacher-loss", "cosine"), "without --teacher");
    assertRefused(await run("repro", folder, ...args), "Cannot use --teacher", "want --rows with such a row");
    const unknown = `teacher=${JSON.stringify({ weights: "0".repeat(64), dim: 64, loss: "squared" })}`;
    await assertRejects(
      () =>
        new Promise((done) =>
          done(parseCommand(overridden(["dmjd.table4", ...set, "--rows", "teacher", "--set", unknown])))
        ),
      "want --teacher PATH, SHA-256 0000",
    );
    const large = args.map((word) => word === "model.imageSize=32" ? "model.imageSize=64" : word);
    assertRefused(await run("repro", folder, ...large, "--rows", "teacher"), "want 64 in patches of 8");
    assertRefused(await run("repro", folder, "dmjd.table4", ...set, "--teacher", "none"), "none");
  }));
