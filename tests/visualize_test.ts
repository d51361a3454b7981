import sharp from "sharp";
import { Arena } from "../core/engine/arena.ts";
import { initialize } from "../core/models/init.ts";
import { localMim } from "../core/methods/localmim/method.ts";
import { localMimParameters } from "../core/methods/localmim/parameters.ts";
import { proceduralDataset } from "../datasets/procedural/proceduralDataset.ts";
import { canonicalJson } from "../records/canonical.ts";
import { type Phase, phaseKey, plainPhase } from "../records/phase.ts";
import type { Epoch, PhaseEvent, PhaseRecord } from "../records/schema.ts";
import { writeCheckpoint } from "../training/checkpoint/checkpointFiles.ts";
import type { PretrainConfig } from "../training/config.ts";
import { NO_SUMS } from "../training/checkpoint/progress.ts";
import { saveWeights, weightsMetadata } from "../training/checkpoint/weightsFile.ts";
import { loadModel } from "../commands/visualize/model.ts";
import { draw } from "../commands/visualize/main.ts";
import { assertEqual, assertHolds, assertRejects, assertTrue } from "./assert.ts";
import { assertRefused, type Ended, filesBelow } from "./commandTools.ts";
import { TINY } from "./engineTools.ts";
import { assertWellFormed, grey } from "./visualizeTools.ts";

const METADATA = weightsMetadata({ kind: "localmim", config: TINY });

/** Runs the command as a person would. */
async function visualize(...args: string[]): Promise<Ended> {
  const script = new URL("../commands/visualize/main.ts", import.meta.url).pathname;
  const options = { args: ["run", "-A", script, ...args], env: { NO_COLOR: "1" } };
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), options).output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), err: text.decode(stderr) };
}

/** An arena with a tiny model as it is at the start. */
function tinyArena(): Arena {
  const parameters = localMimParameters(TINY), arena = new Arena(parameters);
  initialize(arena, parameters, 4);
  return arena;
}

/** A pre-training of nine epochs of six steps, on the images of the tests. */
const PHASE: Phase = {
  kind: "pretrain",
  seed: 3,
  data: { source: "procedural", classes: null, train: 24 },
  config: {
    epochs: 9,
    warmupEpochs: 0,
    batch: 4,
    accumulation: 1,
    baseLr: 0.1,
    minLr: 1e-6,
    weightDecay: 0.05,
    betas: [0.9, 0.95],
    eps: 1e-8,
    cropScale: [0.2, 1],
    method: { name: "localmim", ...TINY },
    freeze: null,
  } satisfies PretrainConfig,
};
const DATA = proceduralDataset({ seed: 0, train: 24, test: 0, size: 32 }).sha256;
const RUN = { phase: plainPhase(PHASE), data: DATA };
/** After five of them: the first stage was pruned in the third epoch, the second in the fifth. */
const EPOCHS: Epoch[] = Array.from({ length: 5 }, (_, epoch) => {
  return { epoch, iterations: 6, losses: { loss: 1 }, rates: [], seconds: {}, wallSeconds: 1 };
});
const EVENTS: PhaseEvent[] = [
  { kind: "freeze", at: 0, iteration: 10 },
  { kind: "prune", at: 0, iteration: 15 },
  { kind: "prune", at: 1, iteration: 27 },
];

/** A phase's folder with a checkpoint. */
async function writePhase(folder: string): Promise<string> {
  const progress = { epochs: EPOCHS, events: EVENTS, weights: {}, sums: NO_SUMS };
  const content = { iteration: 30, run: RUN, start: "2026-01-01T00:00:00.000Z", progress };
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/phase.json`, canonicalJson(RUN));
  return await writeCheckpoint(folder, content, tinyArena(), METADATA);
}

/** The record of the whole phase. */
const RECORD: PhaseRecord = {
  kind: "vitfreeze.record",
  schemaVersion: 2,
  key: phaseKey(PHASE),
  phase: RUN.phase,
  startedFrom: null,
  asked: { experiment: "thesis.table17", profile: "ci", set: ["pretrain.epochs=9"] },
  hashes: { code: "c".repeat(64), data: DATA, lock: "e".repeat(64) },
  git: null,
  engine: { name: "compiled", backend: "onnxruntime", version: "1.30.0", threads: 2 },
  machine: { cpu: "Example CPU", cores: 2, os: "linux", arch: "x86_64", runtime: "deno 2.9.6" },
  dataset: { name: "procedural", classes: 10, train: 24, test: 0, skipped: 0 },
  params: 6e6,
  imagesPerIteration: 4,
  epochs: EPOCHS,
  events: EVENTS,
  metrics: {},
  weights: {},
  start: "2026-01-02T03:04:05Z",
  end: "2026-01-02T03:05:05.250Z",
};

Deno.test("deno task visualize writes SVG, PNG and numbers, twice the same bytes", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await writePhase(`${folder}/run`);
    const args = [`${folder}/run`, "--procedural", "--images", "0,13", "--threads", "1"];
    const first = await visualize(...args);
    assertEqual([first.code, first.err], [0, ""]);
    const again = await visualize(...args, "--to", `${folder}/again`);
    assertEqual(again.code, 0);
    const names = ["all", "image-test-0", "image-test-13"].flatMap((name) => [`${name}.png`, `${name}.svg`]);
    assertEqual(await filesBelow(`${folder}/run/visualized`), [...names, "numbers.json"]);
    for (const name of [...names, "numbers.json"]) {
      const [a, b] = await Promise.all(
        ["run/visualized", "again"].map((at) => Deno.readFile(`${folder}/${at}/${name}`)),
      );
      assertEqual(a, b, name);
    }
    const svg = await Deno.readTextFile(`${folder}/again/all.svg`);
    assertWellFormed(svg);
    assertHolds(svg, [
      "decoder pruned at epoch 2.5",
      "Seed 3, mask ratio 0.75",
      "checkpoint-00000030",
      "LocalMIM, ViT 16 × 4 blocks",
    ]);
    const numbers = JSON.parse(await Deno.readTextFile(`${folder}/again/numbers.json`));
    assertEqual([numbers.seed, numbers.images.length, numbers.stages[0].prunedAtEpoch], [3, 2, 2.5]);
    assertEqual([numbers.model.method, numbers.model.config], ["localmim", TINY]);
    const shown = numbers.images[1].mse[2].masked.toFixed(4);
    assertTrue(first.out.includes(shown) && svg.includes(`MSE of masked cells ${shown}`), `lacks ${shown}`);
    const { width, height } = await sharp(`${folder}/again/all.png`).metadata();
    assertTrue(svg.includes(`width="${width}" height="${height}"`), "PNG and SVG differ in size");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("deno task visualize draws one image file; a vertical edge has vertical strokes", async () => {
  const folder = await Deno.makeTempDir(), photo = `${folder}/edge <&>.png`;
  try {
    await saveWeights(`${folder}/weights-9.safetensors`, tinyArena(), METADATA);
    const raw = { width: 32, height: 32, channels: 3 } as const;
    await sharp(grey((x) => x < 20 ? 0 : 200), { raw }).png().toFile(photo);
    const drawn = await visualize(
      folder,
      "--data",
      photo,
      "--to",
      `${folder}/out`,
      "--style",
      "glyph",
      "--panel",
      "160",
    );
    assertEqual([drawn.code, drawn.err], [0, ""]);
    const svg = await Deno.readTextFile(`${folder}/out/image-test-0.svg`);
    assertWellFormed(svg);
    assertTrue(svg.includes("image 0 (test), edge &lt;&amp;&gt;.png"), "the heading does not name the file");
    // Stage 2: 8 x 8 cells of 20 units, the edge in column 5; the target of a cell is one full stroke of 0.94 cells.
    const stage2 = svg.slice(svg.indexOf("stage 2"), svg.indexOf("stage 3"));
    assertTrue(stage2.includes("M110 19.4L110 0.6"), "no vertical stroke where the edge is");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("loadModel() finds the newest state of pre-training and says which decoders it has", async () => {
  const folder = await Deno.makeTempDir(), metadata = METADATA, arena = tinyArena();
  const at = (epochs: number) => `${folder}/weights-${epochs}.safetensors`;
  try {
    await saveWeights(at(3), arena, metadata);
    await saveWeights(at(5), arena, metadata);
    const weights = await loadModel(folder);
    assertEqual([weights.path, weights.made], [at(5), undefined]);
    assertEqual(weights.arena.view("blocks.2.mlp.fc1.weight"), arena.view("blocks.2.mlp.fc1.weight"));
    const name = await writePhase(folder), checkpoint = await loadModel(folder);
    const late = { ...RUN, prunedAt: { 0: 2.5, 1: 4.5 } };
    assertEqual([checkpoint.path, checkpoint.made], [`${folder}/${name}.safetensors`, late]);
    assertEqual(checkpoint.arena.view("blocks.2.mlp.fc1.weight"), arena.view("blocks.2.mlp.fc1.weight"));
    assertEqual((await loadModel(`${folder}/${name}.json`)).sha256, checkpoint.sha256);
    // Of weights that were kept on the way, what was pruned until then.
    const early = { ...RUN, prunedAt: { 0: 2.5 } };
    assertEqual((await loadModel(at(3))).made, early);
    for (const file of [`${name}.json`, `${name}.safetensors`, "latest.json"]) await Deno.remove(`${folder}/${file}`);
    assertEqual((await loadModel(at(3))).made, { ...RUN, prunedAt: {} });
    await Deno.writeTextFile(`${folder}/record.json`, canonicalJson(RECORD));
    assertEqual([(await loadModel(at(3))).made, (await loadModel(folder)).made], [early, late]);
    const fewer = new Arena(localMimParameters(TINY).filter(({ name }) => !/^(norm|decoder)\.[02]\./.test(name)));
    await saveWeights(`${folder}/fewer.safetensors`, fewer, metadata);
    assertEqual((await loadModel(`${folder}/fewer.safetensors`)).liveStages, [false, true, false, true]);
    const pruned = await visualize(
      `${folder}/fewer.safetensors`,
      "--procedural",
      "--count",
      "1",
      "--channels",
      "--raw",
    );
    assertEqual([pruned.code, pruned.err], [0, ""]);
    const svg = await Deno.readTextFile(`${folder}/visualized/all.svg`);
    assertEqual(svg.split("no decoder in this file").length - 1, 2 * 3); // two stages in three channels
    assertTrue(svg.includes("image 0 (test), disc-bars: green"), "rows do not name their channel");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("loadModel() refuses a method that has no view", async () => {
  const folder = await Deno.makeTempDir(), { view } = localMim;
  try {
    await saveWeights(`${folder}/weights-9.safetensors`, tinyArena(), METADATA);
    delete localMim.view;
    await assertRejects(() => loadModel(folder), "method localmim has no view of its predictions");
  } finally {
    localMim.view = view;
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("deno task visualize draws a training image as an epoch saw it, of the run's data alone", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await writePhase(folder);
    const args = [folder, "--procedural", "--images", "5", "--epoch", "2", "--to", `${folder}/seen`];
    const ended = await visualize(...args);
    assertEqual([ended.code, ended.err], [0, ""]);
    const svg = await Deno.readTextFile(`${folder}/seen/image-train-5.svg`);
    assertTrue(svg.includes("crops, flips and masks as in epoch 2 of training"), "the header does not name the epoch");
    assertRefused(await visualize(...args, "--seed", "4"), "Cannot use --seed 4 with --epoch: training had seed ");
    const photo = `${folder}/photo.png`, other = args.toSpliced(1, 1, "--data", photo);
    await Deno.writeTextFile(photo, "");
    assertRefused(await visualize(...other), "want the images that the model was trained on, --procedural");
    const record = `${folder}/checkpoint-00000030.json`;
    await Deno.writeTextFile(record, (await Deno.readTextFile(record)).replace(DATA, "0".repeat(64)));
    assertRefused(await visualize(...args), "Cannot use --epoch with procedural", "want the run's data, 000000000000…");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("deno task visualize refuses wrong words, files and images in one line", async () => {
  const folder = await Deno.makeTempDir(), file = `${folder}/weights-9.safetensors`;
  const metadata = METADATA, arena = tinyArena();
  const save = (name: string, kept: Arena, words: Record<string, string>) =>
    saveWeights(`${folder}/${name}.safetensors`, kept, words);
  try {
    const saveAs = (name: string, config: object) => save(name, arena, weightsMetadata({ kind: "localmim", config }));
    const { imageSize, patchSize, embedDim, depth, numHeads, mlpRatio } = TINY;
    const classifier = { imageSize, patchSize, embedDim, depth, numHeads, mlpRatio, numClasses: 5 };
    await save("weights-9", arena, metadata);
    await save("finetuned", arena, weightsMetadata({ kind: "classifier", config: classifier }));
    await save("foreign", arena, {});
    await save("bare", new Arena(localMimParameters(TINY).filter(({ name }) => !/^decoder/.test(name))), metadata);
    await save(
      "encoder",
      new Arena(localMimParameters(TINY).filter(({ name }) => !/^(decoder|norm)/.test(name))),
      metadata,
    );
    await saveAs("wider", { ...TINY, embedDim: 32 });
    await saveAs("deep", { ...TINY, stageBlocks: [1, 2, 3, 5] });
    await saveAs("odd", { ...TINY, imageSize: 33 });
    await Deno.writeTextFile(`${folder}/text.safetensors`, "no tensors");
    await Deno.mkdir(`${folder}/empty`);
    await writePhase(`${folder}/runs/pretrain-localmim-a`);
    await save("runs/pretrain-localmim-b/weights-9", arena, metadata);
    const other = { ...RUN.phase, seed: 4, config: { ...RUN.phase.config, batch: 6, freeze: { t0: 0.8 } } };
    await Deno.writeTextFile(`${folder}/runs/pretrain-localmim-b/phase.json`, canonicalJson({ ...RUN, phase: other }));
    await Deno.writeTextFile(`${folder}/runs/pretrain-localmim-b/record.json`, canonicalJson(RECORD));
    await save("fine/finetune-localmim-c/weights-1", arena, metadata);
    const fine = canonicalJson({ ...RUN, phase: { ...RUN.phase, kind: "finetune" } });
    await Deno.writeTextFile(`${folder}/fine/finetune-localmim-c/phase.json`, fine);
    await save("broken/pretrain-localmim-d/weights-1", arena, metadata);
    const broken = canonicalJson({ ...RUN, phase: { ...RUN.phase, seed: -1 } });
    await Deno.writeTextFile(`${folder}/broken/pretrain-localmim-d/phase.json`, broken);
    const wrong: [string[], string][] = [
      [["--procedural"], "Cannot draw without a model"],
      [[file], "want either --data PATH or --procedural"],
      [[file, "--procedural", "--data", "x"], "want either --data PATH or --procedural"],
      [[file, "--procedural", "--images", "0", "--count", "2"], "Cannot use --count with --images"],
      [[file, "--procedural", "--images", "0,-1"], "Cannot use --images -1"],
      [[file, "--procedural", "--images", "3,3"], "one is named twice"],
      [[file, "--procedural", "--images", "1000"], "Cannot draw image 1000 of the test split: want 0 … 999"],
      [[file, "--procedural", "--split", "val"], "Cannot use --split val: want train or test"],
      [[file, "--procedural", "--panel", "100"], "Cannot use --panel 100: want a whole number from 160 to 2048"],
      [[file, "--procedural", "--style", "stars"], "want auto or glyph or wheel"],
      [[file, "--procedural", "--engine", "eager", "--threads", "2"], "Cannot use --threads: it has no effect"],
      [[file, "--procedural", "--epoch", "1"], "the model's folder says nothing of its training"],
      [[file, "--procedural", "--epoch", "1", "--split", "test"], "Cannot use --epoch with --split test"],
      [[file, "--procedural", "--count", "64", "--channels", "--panel", "2048"], "Cannot draw 192 rows"],
      [[file, "--data", `${folder}/none`], `${folder}/none`],
      [[`${folder}/none`, "--procedural"], `Cannot draw ${folder}/none: no such file or folder`],
      [[`${folder}/empty`, "--procedural"], "it holds no weights, want a checkpoint or weights-*.safetensors in it"],
      [
        [`${folder}/runs`, "--procedural"],
        "want one of pretrain-localmim-a (unfinished, seed 3, batch 4, freeze null); " +
        "pretrain-localmim-b (thesis.table17 ci, seed 4, batch 6)",
      ],
      [[`${folder}/fine`, "--procedural"], "or in one pretrain phase's folder"],
      [[`${folder}/broken`, "--procedural"], "pretrain-localmim-d: its phase is broken at phase.seed"],
      [
        [`${folder}/finetuned.safetensors`, "--procedural"],
        "it holds a model of kind classifier, want what a pre-training",
      ],
      [[`${folder}/foreign.safetensors`, "--procedural"], "its metadata name no model"],
      [[`${folder}/bare.safetensors`, "--procedural"], "it holds no tensor 'decoder.0.mask_token'"],
      [[`${folder}/encoder.safetensors`, "--procedural"], "it holds no decoder, want one at least"],
      [[`${folder}/wider.safetensors`, "--procedural"], "tensor 'cls_token' is F32 [1, 1, 16], want F32 [1, 1, 32]"],
      [[`${folder}/odd.safetensors`, "--procedural"], "patchSize 8: want one that divides 33 pixels"],
      [
        [`${folder}/deep.safetensors`, "--procedural"],
        "stageBlocks [1,2,3,5]: want ascending blocks of the 4 there are",
      ],
    ];
    for (const [args, words] of wrong) await assertRejects(() => draw(args), words);
    assertRefused(await visualize(file, "--procedural", "--cubic"), "Unknown option '--cubic'");
    assertRefused(await visualize(`${folder}/text.safetensors`, "--procedural"), "header has");
    assertEqual((await filesBelow(folder)).filter((name) => /png|svg|numbers.json/.test(name)), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
