import sharp from "sharp";
import { Buffer } from "node:buffer";
import { Arena } from "../core/engine/arena.ts";
import { createHog } from "../core/hog/createHog.ts";
import { edgeAngle, edgeAngles } from "../core/hog/edgeAngle.ts";
import { randomMask } from "../core/masking/randomMask.ts";
import { cellSize } from "../core/methods/localmim/config.ts";
import { tokenCount } from "../core/models/config.ts";
import { initialize } from "../core/models/init.ts";
import { localMimProgram } from "../core/methods/localmim/program.ts";
import { gatherPatches } from "../core/models/patches.ts";
import { maskFeeds, targetFeed } from "../core/methods/localmim/feeds.ts";
import { localMim } from "../core/methods/localmim/method.ts";
import { localMimParameters } from "../core/methods/localmim/parameters.ts";
import { localMimView } from "../core/methods/localmim/view.ts";
import { randomStream } from "../core/random/stream.ts";
import { proceduralDataset } from "../datasets/procedural/proceduralDataset.ts";
import { toPlanar } from "../datasets/transforms/normalize.ts";
import { canonicalJson } from "../records/canonical.ts";
import { type Phase, phaseKey, plainPhase } from "../records/phase.ts";
import type { Epoch, PhaseEvent, PhaseRecord } from "../records/schema.ts";
import { epochBatches } from "../training/batches.ts";
import { writeCheckpoint } from "../training/checkpoint/checkpointFiles.ts";
import type { PretrainConfig } from "../training/config.ts";
import { NO_SUMS } from "../training/checkpoint/progress.ts";
import { saveWeights, weightsMetadata } from "../training/checkpoint/weightsFile.ts";
import { drawFigure } from "../commands/visualize/draw/figure.ts";
import { strokes } from "../commands/visualize/draw/glyphs.ts";
import { cellBins, dominant, unitBins } from "../commands/visualize/draw/orientation.ts";
import { type Row, styleOf } from "../commands/visualize/draw/row.ts";
import { escapeText } from "../commands/visualize/draw/svg.ts";
import { maskCover, visibleVeil } from "../commands/visualize/draw/veil.ts";
import { wheelColour, wheelField } from "../commands/visualize/draw/wheel.ts";
import { cutBold, wrap } from "../commands/visualize/draw/words.ts";
import { showSeen, spread } from "../commands/visualize/images.ts";
import { loadModel } from "../commands/visualize/model.ts";
import { stageError } from "../commands/visualize/stageError.ts";
import { draw } from "../commands/visualize/main.ts";
import { createViewer, type StageView } from "../commands/visualize/view.ts";
import { assertAlmostEqual, assertEqual, assertHolds, assertRejects, assertTrue } from "./assert.ts";
import { assertRefused, type Ended, filesBelow } from "./commandTools.ts";
import { compiled, randomArena, runOnce, TINY } from "./engineTools.ts";
import { images } from "./trainingTools.ts";

/** Directions of four bins. */
const FOUR = edgeAngles("localmim", 4);
const VIEW = localMimView(TINY), METADATA = weightsMetadata({ kind: "localmim", config: TINY });

/** A grey image of 32 pixels. */
function grey(at: (x: number, y: number) => number): Uint8Array {
  return Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => at(Math.floor(i / 3) % 32, Math.floor(i / 96)));
}

/** Direction of the strongest stroke in the cell with an image's centre, in degrees counter-clockwise, in [0, 180). */
function drawnDirection(pixels: Uint8Array): number {
  const out = [new Float32Array(16 * 27)];
  createHog({ height: 32, width: 32, cells: [8] })(pixels, 0, out, 0);
  const found = strokes(cellBins(out[0], 9, "mean"), 4, edgeAngles("localmim", 9), 400).filter(({ from, to }) => {
    return Math.abs(from[0] + to[0] - 500) < 1e-6 && Math.abs(from[1] + to[1] - 500) < 1e-6;
  });
  const { from, to } = found.reduce((a, b) => a.value >= b.value ? a : b);
  const degrees = Math.atan2(from[1] - to[1], to[0] - from[0]) * 180 / Math.PI;
  return Math.round((degrees + 180) % 180);
}

Deno.test("strokes() draws one stroke per bin, centred in its cell, as long as the bin's value", () => {
  // Two by two cells on 200 units: bin 4 of 9 in the second, half of bin 0 in the third.
  const histogram = new Float32Array(36);
  histogram[9 + 4] = 1;
  histogram[18] = 0.5;
  const [upright, flat, ...others] = strokes(histogram, 2, edgeAngles("localmim", 9), 200);
  assertEqual(others, []);
  // A stroke of value 1 takes 0.94 of the cell's 100 units; coordinates of O(100) in float64.
  assertAlmostEqual(upright.from[0], 150, 1e-9);
  assertAlmostEqual(upright.to[0], 150, 1e-9);
  assertAlmostEqual(upright.from[1] - upright.to[1], 94, 1e-9);
  assertAlmostEqual((upright.from[1] + upright.to[1]) / 2, 50, 1e-9);
  const rise = flat.from[1] - flat.to[1], run = flat.to[0] - flat.from[0];
  assertAlmostEqual(Math.hypot(rise, run), 47, 1e-9);
  assertAlmostEqual(Math.atan2(rise, run) * 180 / Math.PI, 10, 1e-9);
  assertEqual([Math.round((flat.from[0] + flat.to[0]) / 2), Math.round((flat.from[1] + flat.to[1]) / 2)], [50, 150]);
});

Deno.test("strokes() leaves out negative, tiny and undefined values and cuts those above 1", () => {
  const found = strokes(Float32Array.of(-0.5, 0.001, NaN, 7), 1, edgeAngles("localmim", 4), 10);
  assertEqual(found.map(({ value }) => value), [1]);
});

Deno.test("glyphs lie along the edges of an image", () => {
  // Bins are 20 degrees wide and drawn at their middle; an edge at the border of two bins is in the upper one.
  assertEqual(drawnDirection(grey((x) => x < 20 ? 0 : 200)), 90); // vertical
  assertEqual(drawnDirection(grey((_, y) => y < 20 ? 0 : 200)), 10); // horizontal
  assertEqual(drawnDirection(grey((x, y) => 3 * (x + y))), 50); // rises to the right, 45 degrees
  assertEqual(drawnDirection(grey((x, y) => 3 * (x - y) + 100)), 130); // falls to the right, 135 degrees
  // Gradients (-1, 4), (1, 4) and (-2, 4) to the right and down: edges at 166, 14 and 153 degrees.
  assertEqual(drawnDirection(grey((x, y) => 4 * y - x + 40)), 170);
  assertEqual(drawnDirection(grey((x, y) => 4 * y + x)), 10);
  assertEqual(drawnDirection(grey((x, y) => 4 * y - 2 * x + 64)), 150);
});

Deno.test("dominant() gives one bin its middle, and opposite bins no strength", () => {
  for (let bin = 0; bin < 9; bin++) {
    const { angle, strength } = dominant(
      Float32Array.from({ length: 9 }, (_, i) => i === bin ? 0.5 : 0),
      0,
      edgeAngles("localmim", 9),
    );
    // A sum of one term, rounded in float64.
    assertAlmostEqual(angle, edgeAngle(bin, 9), 1e-12);
    assertAlmostEqual(strength, 0.5, 1e-12);
  }
  assertAlmostEqual(dominant(Float32Array.of(1, 0, 1, 0), 0, FOUR).strength, 0, 1e-12);
  assertAlmostEqual(dominant(Float32Array.of(-1, -1, 0.25, -1), 0, FOUR).strength, 0.25, 1e-12);
});

Deno.test("wheelColour() goes round once in half a turn, and grows dark with the strength", () => {
  const colour = (degrees: number, strength: number) => wheelColour({ angle: degrees * Math.PI / 180, strength });
  assertEqual([0, 30, 60, 90, 120, 150, 180].map((degrees) => colour(degrees, 1)), [
    "#ff0000",
    "#ffff00",
    "#00ff00",
    "#00ffff",
    "#0000ff",
    "#ff00ff",
    "#ff0000",
  ]);
  assertEqual([colour(0, 0.25), colour(0, 0), colour(90, 5)], ["#800000", "#000000", "#00ffff"]);
});

Deno.test("wheelField() gives every cell with a direction one square", () => {
  // Two by two cells of 4 bins: one bin, nothing, the same bin, another.
  const histogram = Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0);
  const paths = wheelField(histogram, 2, FOUR, 100).match(/fill="[^"]*" d="[^"]*"/g);
  const colours = [0, 2].map((bin) => wheelColour({ angle: edgeAngle(bin, 4), strength: 1 }));
  assertEqual(paths, [`fill="${colours[1]}" d="M1 1h1v1h-1z"`, `fill="${colours[0]}" d="M0 0h1v1h-1zM0 1h1v1h-1z"`]);
});

Deno.test("cellBins() takes the mean of the channels or one of them", () => {
  const values = Float32Array.of(1, 2, 3, 4, 8, 9, 10, 20, 30, 40, 50, 60);
  assertEqual([...cellBins(values, 2, "mean")], [4, 5, 30, 40]);
  assertEqual([...cellBins(values, 2, 1)], [3, 4, 30, 40]);
});

Deno.test("unitBins() gives every cell and channel L2 norm 1", () => {
  const unit = unitBins(Float32Array.of(3, -4, 0, 0, 0.3, 0.4), 2);
  [0.6, -0.8, 0, 0, 0.6, 0.8].forEach((wanted, i) => assertAlmostEqual(unit[i], wanted, 1e-7)); // float32
});

Deno.test("maskCover() hides masked patches, visibleVeil() veils cells by their visible share", () => {
  assertTrue(maskCover([1, 0, 0, 1], 2, 100).includes('d="M0 0h1v1h-1zM1 1h1v1h-1z"'), "masked patches");
  const veils = visibleVeil([1, 0.5, 0, 1], 2, 100).match(/d="[^"]*"|fill-opacity="[^"]*"/g);
  assertEqual(veils, ['d="M0 1h1v1h-1z"', 'fill-opacity="0.6"', 'd="M1 0h1v1h-1z"', 'fill-opacity="0.3"']);
  assertEqual(visibleVeil([1, 1, 1, 1], 2, 100), "");
});

Deno.test("styleOf() takes the wheel where a patch has 4 x 4 cells, unless told otherwise", () => {
  assertEqual([56, 28, 14, 7].map((side) => styleOf("auto", { side }, 14)), ["wheel", "glyph", "glyph", "glyph"]);
  assertEqual([styleOf("glyph", { side: 56 }, 14), styleOf("wheel", { side: 7 }, 14)], ["glyph", "wheel"]);
});

Deno.test("spread() takes images from all over a split, and no more than there are", () => {
  assertEqual([spread(4, 1000), spread(3, 2), spread(2, 0)], [[0, 250, 500, 750], [0, 1], []]);
});

/** A random image with its mask, as one step wants them. */
function example(seed: number) {
  const pixels = Uint8Array.from({ length: 32 * 32 * 3 }, () => 0), random = randomStream(seed, "test");
  pixels.forEach((_, i) => pixels[i] = random.integer(256));
  const mask = randomMask(randomStream(seed, "mask", 0, 7), tokenCount(TINY), TINY.maskRatio);
  const planes = new Float32Array(pixels.length);
  toPlanar(pixels, planes, 0);
  const feeds = { ...maskFeeds(TINY, [mask]), patches: gatherPatches(planes, TINY, [mask.idsKeep]) };
  return { pixels, mask, feeds };
}

const all = [true, true, true, true];

Deno.test("createViewer() gives createHog()'s target and the program's rows, each cell in its place", async () => {
  const options = { config: TINY, batch: 1, liveStages: all };
  const program = localMimProgram({ ...options, heads: "all" }), arena = randomArena(program, 0.2);
  const { pixels, mask, feeds } = example(1);
  const { outputs } = await runOnce(compiled, program, arena, feeds);
  const viewer = await createViewer(compiled, VIEW, arena, all), views = await viewer.view(pixels, [mask]);
  viewer.dispose();
  assertEqual(views.map(({ side, cellPixels, block }) => [side, cellPixels, block]), [
    [16, 2, 1],
    [8, 4, 2],
    [4, 8, 3],
    [2, 16, 4],
  ]);
  for (const { stage, side, target, prediction } of views) {
    const scale = TINY.stageScales[stage], hog = [new Float32Array(target.length)];
    createHog({ height: 32, width: 32, cells: [cellSize(TINY, stage)], bins: TINY.hogBins })(pixels, 0, hog, 0);
    assertTrue(hog[0].every((value, i) => Math.abs(value - target[i]) < 2e-7), `target ${stage}`); // order of sums
    for (let cell = 0; cell < side * side; cell++) {
      const row = Math.floor(cell / side), column = cell % side, each = Math.max(1, scale);
      const token = scale < 1 ? cell : Math.floor(row / each) * 4 + Math.floor(column / each);
      // A head doubles rows and columns once or twice: the place inside the token is the bits (y, x) of each doubling.
      let place = 0;
      for (let half = each >> 1; half >= 1; half >>= 1) place = 4 * place + 2 * (row / half & 1) + (column / half & 1);
      const from = (token * each * each + place) * 9;
      assertEqual(
        prediction!.slice(cell * 9, cell * 9 + 9),
        outputs[`pred${stage}`].slice(from, from + 9),
        `stage ${stage}, cell ${cell}`,
      );
    }
  }
});

Deno.test("stageError() of masked cells is the loss that training takes", async () => {
  const options = { config: TINY, batch: 1, liveStages: all };
  const program = localMimProgram({ ...options, heads: "masked" }), arena = randomArena(program, 0.2);
  const { pixels, mask, feeds } = example(2);
  const viewer = await createViewer(compiled, VIEW, arena, all), views = await viewer.view(pixels, [mask]);
  viewer.dispose();
  const targets = views.map(({ stage, target }) => [`target${stage}`, targetFeed(TINY, stage, target, [mask])]);
  const { outputs } = await runOnce(compiled, program, arena, { ...feeds, ...Object.fromEntries(targets) });
  for (const view of views) {
    const loss = outputs[`loss${view.stage}`][0], { masked, visible } = stageError(view, "mean")!;
    // Float32 sums in another order.
    assertAlmostEqual(masked! / loss, 1, 1e-5, `stage ${view.stage}`);
    assertTrue(Math.abs(visible! / loss - 1) > 1e-3, `visible cells of stage ${view.stage} err as masked ones do`);
  }
});

/** A stage of 2 x 1 bins and channels in 4 cells, drawn by hand. */
const byHand: StageView = {
  measure: "squared",
  stage: 0,
  view: 0,
  block: 1,
  side: 2,
  cellPixels: 4,
  target: new Float32Array(12),
  prediction: Float32Array.of(1, 1, 1, 2, 0, 0, 0, 0, 0, 3, 3, 3),
  weight: Float32Array.of(1, 0.5, 0, 0),
};

Deno.test("stageError() weighs cells by their masked share, and takes channels apart", () => {
  // Cell errors 1, 4/3, 0 and 9, masked 1 and a half of the second; in the first channel 1, 4, 0 and 9.
  const close = (found: ReturnType<typeof stageError>, masked: number, visible: number) => {
    assertAlmostEqual(found!.masked!, masked, 1e-12);
    assertAlmostEqual(found!.visible!, visible, 1e-12);
  };
  close(stageError(byHand, "mean"), (1 + 2 / 3) / 1.5, (2 / 3 + 9) / 2.5);
  close(stageError(byHand, 0), (1 + 2) / 1.5, (2 + 9) / 2.5);
  assertEqual(stageError({ ...byHand, weight: Float32Array.of(1, 1, 1, 1) }, "mean")!.visible, null);
  assertEqual(stageError({ ...byHand, prediction: undefined }, "mean"), undefined);
});

Deno.test("createViewer() refuses a prediction that is no number", async () => {
  const program = localMimProgram({ config: TINY, batch: 1, liveStages: all, heads: "all" });
  const arena = randomArena(program, 0.2);
  arena.view("decoder.1.pred.1.bias").fill(NaN);
  const { pixels, mask } = example(3), viewer = await createViewer(compiled, VIEW, arena, all);
  await assertRejects(() => viewer.view(pixels, [mask]), "Cannot draw stage 2: it predicts NaN, want finite numbers");
  viewer.dispose();
});

Deno.test("showSeen() gives the crop, flip and mask that training gave an image in that epoch", async () => {
  const options = { seed: 3, batch: 4, imageSize: 32, cropScale: [0.2, 1] as const, kind: "pretrain" as const };
  const how = { view: VIEW, imageSize: 32, seed: 3 };
  const order = randomStream(3, "shuffle", 5).permutation(images.train.length);
  const facts = { epochs: 6, batch: 4, accumulation: 1, cropScale: [0.2, 1] as [number, number] };
  let compared = 0;
  for await (const { pixels, places } of epochBatches(images.train, options, 5, 6)) {
    for (const b of [0, 3]) {
      const seen = await showSeen(images.train, order[places[b]], how, 5, facts);
      assertEqual(seen.pixels, pixels.slice(b * 3072, (b + 1) * 3072));
      assertEqual(seen.masks, [randomMask(randomStream(3, "mask", 5, places[b]), tokenCount(TINY), TINY.maskRatio)]);
      compared++;
    }
  }
  assertEqual(compared, 12);
  const show = (epoch: number, batch: number) => () =>
    showSeen(images.train, order[23], how, epoch, { ...facts, batch });
  await assertRejects(show(6, 4), "in epoch 7: training had 6 epochs");
  await assertRejects(show(5, 5), "of 24 images the epoch used 20");
});

/** Fails unless tags are closed in order and attributes quoted; the renderer checks the rest. */
function assertWellFormed(svg: string): void {
  const open: string[] = [];
  for (const [tag, closing, name, attributes, alone] of svg.matchAll(/<(\/?)([a-z]+)([^<>]*?)(\/?)>/gi)) {
    assertTrue(/^( [a-zA-Z0-9:-]+="[^"<>]*")*$/.test(attributes), `attributes of ${tag.slice(0, 80)}`);
    if (closing) assertEqual(open.pop(), name);
    else if (!alone) open.push(name);
  }
  assertEqual(open, []);
  assertTrue(!/NaN|Infinity|undefined|null/.test(svg), "a number is missing");
}

Deno.test("drawFigure() writes well-formed SVG, whatever the words, and says what is drawn", async () => {
  const row: Row = {
    heading: 'image 3 (test), <b>"cats & dogs"\u0000',
    picture: "input-3",
    grid: 1,
    masks: [[1]],
    cells: { kind: "hog", form: "localmim", norm: "length" },
    learned: "masked",
    pictures: [],
    stages: [byHand, { ...byHand, stage: 1, prediction: undefined }],
    channel: "mean",
    style: "glyph",
    raw: false,
    notes: { 0: "decoder pruned at epoch 57.9", 1: "no decoder in this file" },
  };
  const pictures = [{ id: "input-3", href: "data:image/png;base64,AAAA" }];
  const svg = drawFigure({ header: ["a header"], pictures, rows: [row], size: 200 });
  assertWellFormed(svg);
  const wanted = [
    "a header",
    escapeText('image 3 (test), <b>"cats & dogs"\u0000'),
    "stage 1, after block 1: 2 × 2 cells of 4 px",
    "MSE of masked cells 1.1111",
    "decoder pruned at epoch 57.9",
    "no decoder in this file",
    "masked input (100 % grey)",
  ];
  assertHolds(svg, wanted.map((words) => `>${words}</text>`));
  assertEqual(escapeText('<b>"&\u0000'), "&lt;b&gt;&quot;&amp;\ufffd");
  const { width, height } = await sharp(Buffer.from(svg)).metadata();
  assertTrue(svg.includes(`width="${width}" height="${height}"`), `rendered at ${width} x ${height}`);
});

Deno.test("wrap() breaks between words and loses none", () => {
  const words = "one two three four five six seven", lines = wrap(words, 10, 60);
  assertEqual(lines.join(" "), words);
  assertTrue(lines.length > 2, `${lines.length} lines`);
});

Deno.test("cutBold() cuts what does not fit and nothing else", () => {
  assertEqual(cutBold("abc", 10, 100), "abc");
  const cut = cutBold("image 0 (train), a very long name of a class", 10, 100);
  assertTrue(/^image 0 \(.*…$/.test(cut) && cut.length < 20, cut);
  assertEqual(cutBold("abc", 10, 1), "…");
});

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
