import { drawFigure } from "../commands/visualize/draw/figure.ts";
import { groupsOf, groupStart, layOutRow } from "../commands/visualize/draw/layout.ts";
import { cellBins, dominant } from "../commands/visualize/draw/orientation.ts";
import { wordColour } from "../commands/visualize/draw/wordField.ts";
import { maskStrips, viewColour } from "../commands/visualize/draw/strips.ts";
import { draw } from "../commands/visualize/main.ts";
import { cellPicture } from "../commands/visualize/pixels.ts";
import { stageError } from "../commands/visualize/stageError.ts";
import { createViewer } from "../commands/visualize/view.ts";
import { dmjdHog, whitenBins } from "../core/hog/dmjdHog.ts";
import { edgeAngles } from "../core/hog/edgeAngle.ts";
import { likeliest } from "../core/methods/beit/targets.ts";
import { METHODS } from "../core/methods/mod.ts";
import { mae } from "../core/methods/mae/method.ts";
import { maeView } from "../core/methods/mae/view.ts";
import { maeProgram } from "../core/methods/mae/program.ts";
import { hogCells, pixelCells } from "../core/methods/patchCells.ts";
import { randomStream } from "../core/random/stream.ts";
import { toPlanar } from "../datasets/transforms/normalize.ts";
import { saveWeights, weightsMetadata } from "../training/checkpoint/weightsFile.ts";
import { ALL } from "./allTokensTools.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { compiled, randomArena, runOnce } from "./engineTools.ts";
import { TWO_VIEWS } from "./maeTools.ts";
import { inFolder } from "./reportTools.ts";

const stream = (view: number) => randomStream(5, "mask", view);

function example() {
  const random = randomStream(6, "test"), pixels = Uint8Array.from({ length: 32 * 32 * 3 }, () => random.integer(256));
  const image = new Float32Array(pixels.length);
  toPlanar(pixels, image, 0);
  return { pixels, image };
}

Deno.test("pixelCells() and hogCells() bring patches' numbers into cells with channels outermost", () => {
  assertEqual([...pixelCells(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), 6)], [
    ...[1, 4, 2, 5, 3, 6],
    ...[7, 10, 8, 11, 9, 12],
  ]);
  // Two patches a side of two cells a side, a bin, three channels: a number tells patch, row, column and channel.
  const order = {
    cells: 2,
    bins: 1,
    place: (row: number, column: number, _: number, channel: number) => channel * 4 + 2 * row + column,
  };
  const values = Float32Array.from({ length: 48 }, (_, k) => {
    const patch = Math.floor(k / 12), channel = Math.floor(k / 4) % 3, row = Math.floor(k / 2) % 2, column = k % 2;
    return 1000 * patch + 100 * row + 10 * column + channel;
  });
  const cells = hogCells(values, 2, order);
  const at = (y: number, x: number) => [...cells.subarray((4 * y + x) * 3, (4 * y + x) * 3 + 3)];
  assertEqual([at(0, 1), at(1, 2), at(3, 0)], [[10, 11, 12], [1100, 1101, 1102], [2100, 2101, 2102]]);
});

Deno.test("a masked autoencoder is drawn in each view by what training predicts: masked patches and, by the branch, visible ones", async () => {
  const view = maeView(TWO_VIEWS)!, whole = maeProgram({ config: TWO_VIEWS, rows: 2, looked: true });
  const arena = randomArena(whole, 0.2), { pixels, image } = example(), masks = view.masks(stream);
  assertTrue(masks[0].mask.every((one, k) => one + masks[1].mask[k] >= 1), "a patch that no view masks");
  const feeder = mae.feeder(TWO_VIEWS, [true]), targets = feeder.targets(pixels, 1);
  const feeds = feeder.inputs(image, 1, targets, (_, each) => stream(each));
  const { outputs } = await runOnce(compiled, whole, arena, feeds);
  const viewer = await createViewer(compiled, view, arena, [true]), stages = await viewer.view(pixels, masks);
  viewer.dispose();
  assertEqual(stages.map(({ stage, view, side, cellPixels }) => [stage, view, side, cellPixels]), [
    [0, 0, 8, 4],
    [0, 1, 8, 4],
  ]);
  const order = {
    cells: 2,
    bins: 9,
    place: (row: number, column: number, bin: number, channel: number) => ((row * 2 + column) * 9 + bin) * 3 + channel,
  };
  stages.forEach(({ prediction }, k) => {
    const wanted = new Float32Array(16 * 108), { mask, idsKeep } = masks[k];
    const masked = Array.from(mask.keys()).filter((token) => mask[token] === 1);
    masked.forEach((token, row) => {
      const first = (k * masked.length + row) * 108;
      wanted.set(outputs.predicted.subarray(first, first + 108), token * 108);
    });
    idsKeep.forEach((token, row) => {
      const first = (k * idsKeep.length + row) * 108;
      wanted.set(outputs.predictedVisible.subarray(first, first + 108), token * 108);
    });
    const cells = hogCells(wanted, 4, order);
    // Products of other shapes add up in another order.
    assertTrue(cells.every((value, i) => Math.abs(value - prediction![i]) < 1e-4), `view ${k + 1}`);
    assertTrue(cells.every((value) => value !== 0), "nothing was compared");
  });
  // The mean over views of the masked cells' error is the loss.
  const masked = stages.map((stage) => stageError(stage, "mean")!.masked!);
  assertAlmostEqual((masked[0] + masked[1]) / 2 / outputs.lossMasked[0], 1, 1e-5); // float32 sums in another order
  // The target by the histograms' own function: red, in the cell at row 3, column 2.
  const planes = Uint8Array.from({ length: 3072 }, (_, k) => pixels[k % 1024 * 3 + Math.floor(k / 1024)]);
  const hog = whitenBins(dmjdHog(planes, { height: 32, width: 32, cell: 4, bins: 9 }), 9);
  const cell = 3 * 8 + 2;
  assertEqual(stages[0].target.slice(cell * 27, cell * 27 + 9), hog.slice(cell * 9, cell * 9 + 9));
});

Deno.test("histograms of either form are drawn along the stripes of a picture", () => {
  const stripes = (degrees: number) => {
    const [sine, cosine] = [Math.sin, Math.cos].map((f) => f(degrees * Math.PI / 180));
    return Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => {
      const place = Math.floor(i / 3), across = place % 32 * sine + Math.floor(place / 32) * cosine;
      return 128 + 100 * Math.sin(across);
    });
  };
  // 9 bins hold 20 degrees each: LocalMIM's and MaskFeat's middles are at 10, 30, …, DMJD's at 0, 20, ….
  const drawn = { localmim: [10, 50, 90], dmjd: [20, 60, 100] };
  const views = { localmim: METHODS.maskfeat.view!(ALL.maskfeat)!, dmjd: maeView(TWO_VIEWS)! };
  for (const form of ["localmim", "dmjd"] as const) {
    for (const degrees of drawn[form]) {
      const pixels = stripes(degrees), image = new Float32Array(pixels.length);
      toPlanar(pixels, image, 0);
      const [target] = views[form].targets(pixels, image), bins = cellBins(target, 9, "mean");
      // A cell in the middle, which no border touches.
      const { angle } = dominant(bins, (3 * 8 + 3) * 9, edgeAngles(form, 9));
      const found = angle * 180 / Math.PI;
      assertTrue(Math.abs(found - degrees) < 10, `${form}: stripes at ${degrees} are drawn at ${found}`);
    }
  }
});

for (const name of ["simmim", "beit", "maskfeat"] as const) {
  Deno.test(`${name} is drawn as training predicts it, and its error is that of training`, async () => {
    const method = METHODS[name], config = { ...ALL[name], pattern: "cells", maskRatio: 0.5, predRatio: 1 };
    const view = method.view!(config)!, { pixels, image } = example(), masks = view.masks(stream);
    const feeder = method.feeder(config, [true]), targets = feeder.targets(pixels, 1);
    const feeds = feeder.inputs(image, 1, targets, (_, each) => stream(each));
    const program = method.program(config, 1, [true]), arena = randomArena(program, 0.2);
    const { outputs } = await runOnce(compiled, program, arena, feeds);
    const viewer = await createViewer(compiled, view, arena, [true]), stages = await viewer.view(pixels, masks);
    viewer.dispose();
    assertEqual(stages.map(({ view, measure }) => [view, measure]), [
      [0, view.measure],
      [1, view.measure],
    ]);
    const masked = stages.map((stage) => stageError(stage, "mean")!.masked!);
    assertTrue(masked.every((error) => error > 0), masked.join());
    // Both views mask as much; sums in another order, and SimMIM's 1e-5 beside the number of pixels.
    if (name !== "beit") return assertAlmostEqual((masked[0] + masked[1]) / 2 / outputs.lossMasked[0], 1, 1e-5);
    const rows = (values: ArrayLike<number>) => likeliest(Float32Array.from(values), 12);
    const wanted = rows(feeds.target as Float32Array).subarray(0, 16);
    assertEqual(stages[0].target, wanted);
    assertEqual(new Set([...wanted].map(wordColour)).size, new Set(wanted).size, "two words share a colour");
    stages.forEach(({ prediction, weight, target }, k) => {
      const wrong = [...weight.keys()].filter((patch) => weight[patch] === 1 && prediction![patch] !== target[patch]);
      assertEqual(masked[k], wrong.length / 8);
    });
  });
}

Deno.test("ConvMAE is drawn with what its decoder and its branch predict in training", async () => {
  const config = {
    ...TWO_VIEWS,
    stages: { patchSizes: [2, 2], dims: [8, 16], depths: [1, 1], mlpRatio: 2, normEps: 1e-5 },
  };
  const method = METHODS.convmae,
    view = method.view!(config)!,
    { pixels, image } = example(),
    masks = view.masks(stream);
  const feeder = method.feeder(config, [true]), targets = feeder.targets(pixels, 1);
  const program = method.program(config, 1, [true]), arena = randomArena(program, 0.2);
  const { outputs } = await runOnce(compiled, program, arena, feeder.inputs(image, 1, targets, (_, k) => stream(k)));
  const viewer = await createViewer(compiled, view, arena, [true]), stages = await viewer.view(pixels, masks);
  viewer.dispose();
  assertEqual([view.title, view.learned], ["ConvMAE with joint distillation", "all"]);
  const errors = stages.map((stage) => stageError(stage, "mean")!);
  assertAlmostEqual((errors[0].masked! + errors[1].masked!) / 2 / outputs.lossMasked[0], 1, 1e-5); // float32 sums
  // Smooth L1 with beta 2 is a quarter of the square where all differences are small, and less than that elsewhere.
  const visible = (errors[0].visible! + errors[1].visible!) / 2;
  assertTrue(outputs.lossVisible[0] > 0.05 * visible && outputs.lossVisible[0] <= visible / 4, `${visible}`);
});

Deno.test("pixels that are normalised by patch are drawn with the patch's own mean and deviation: the target is the input", () => {
  const { pixels, image } = example();
  for (const target of ["pixels", "normPixels"] as const) {
    const view = maeView({ ...TWO_VIEWS, target })!, [values] = view.targets(pixels, image), [cells] = view.stages;
    assertEqual(view.cells.kind, "pixels");
    const norm = target === "pixels" ? "image" : "patch", drawn = cellPicture(values, cells, norm, image, false);
    assertTrue(drawn.every((value, k) => Math.abs(value - pixels[k]) <= 1), target); // rounding to bytes
    if (norm === "image") continue;
    const raw = cellPicture(values.map(() => 0), cells, norm, image, true);
    assertEqual([...new Set(raw)], [128]);
    assertTrue(String(cellPicture(values, cells, norm, image, true)) !== String(drawn), "raw is as drawn");
  }
});

Deno.test("maskStrips() has a strip for each view in each patch, coloured where it is masked", () => {
  const svg = maskStrips([[1, 0, 0, 1], [0, 1, 0, 1]], 2, "", 100);
  assertTrue(svg.includes(`d="M0 0h1v1h-1zM2 1h1v1h-1z" fill="${viewColour(0)}"`), svg);
  assertTrue(svg.includes(`d="M3 0h1v1h-1zM3 1h1v1h-1z" fill="${viewColour(1)}"`), svg);
  assertTrue(svg.includes('transform="scale(25 50)"') && viewColour(0) !== viewColour(1), svg);
});

Deno.test("rows of several views begin with three panels, and have two for each view", () => {
  assertEqual([groupsOf(4, 1), groupsOf(1, 3)], [[2, 2, 2, 2, 2], [3, 2, 2, 2]]);
  const layout = layOutRow(320, groupsOf(1, 2));
  // Panels of 320 with 10 between them, 30 between groups.
  assertEqual([1, 2].map((k) => groupStart(layout, k)), [3 * 320 + 2 * 10 + 30, 5 * 320 + 3 * 10 + 2 * 30]);
  assertEqual(layout.width - 2 * layout.margin, 7 * 320 + 4 * 10 + 2 * 30);
});

Deno.test("deno task visualize draws two views of a masked autoencoder, of pixels and of HOG", () =>
  inFolder(async (folder) => {
    const log = console.log, lines: string[] = [];
    console.log = (line: string) => lines.push(line);
    try {
      for (const target of ["hog", "normPixels"] as const) {
        const config = { ...TWO_VIEWS, target }, arena = randomArena({ ...mae.program(config, 1, [true]) }, 0.2);
        const file = `${folder}/${target}.safetensors`;
        await saveWeights(file, arena, weightsMetadata({ kind: "mae", config }));
        await draw([file, "--procedural", "--images", "0,7", "--threads", "1", "--to", `${folder}/${target}`]);
        const svg = await Deno.readTextFile(`${folder}/${target}/all.svg`);
        for (const words of ["view 2 of 2", "together 100 % of the patches", "MAE with joint distillation"]) {
          assertTrue(svg.includes(words), `${target} lacks '${words}'`);
        }
        const ids = [...svg.matchAll(/<image id="([^"]+)"/g)].map(([, id]) => id);
        const own = (
          k: number,
        ) => [`input-${k}`, ...["target", "view-1", "view-2"].map((w) => `input-${k}-stage-1-${w}`)];
        assertEqual(ids, target === "hog" ? ["input-0", "input-7"] : [...own(0), ...own(7)]);
        const used = new Set([...svg.matchAll(/<use href="#([^"]+)"/g)].map(([, id]) => id));
        assertEqual([...used].sort(), [...ids].sort());
        const numbers = JSON.parse(await Deno.readTextFile(`${folder}/${target}/numbers.json`));
        assertEqual(numbers.stages.map(({ stage, view }: Record<string, number>) => [stage, view]), [[1, 1], [1, 2]]);
        const shown = numbers.images[1].mse[1].masked.toFixed(4);
        assertTrue(svg.includes(`MSE of masked cells ${shown}`) && lines.join("\n").includes(shown), shown);
      }
      assertTrue(lines.some((line) => /^ image .* view 1 {2}visible .* view 2/m.test(line)), lines[0]);
      const pixels = `${folder}/normPixels.safetensors`, idle = [["--channels"], ["--style", "glyph"]];
      for (const flag of idle) {
        await assertRejects(
          () => draw([pixels, "--procedural", ...flag]),
          `Cannot use ${flag.join(" ")}: the model predicts pixels`,
        );
      }
    } finally {
      console.log = log;
    }
  }));

Deno.test("drawFigure() draws a view without a decoder as an empty panel", () => {
  const stage = {
    stage: 0,
    block: 1,
    side: 1,
    cellPixels: 4,
    target: new Float32Array(27),
    weight: Float32Array.of(1),
    measure: "squared" as const,
  };
  const row = {
    heading: "",
    picture: "input-0",
    grid: 1,
    masks: [[1], [0]],
    cells: { kind: "hog", form: "dmjd", norm: "whitened" },
    learned: "masked",
    stages: [{ ...stage, view: 0 }, { ...stage, view: 1 }],
    pictures: [],
    channel: "mean",
    style: "auto",
    raw: false,
    notes: {},
  } as const;
  const svg = drawFigure({ header: [], rows: [{ ...row, stages: [...row.stages] }], pictures: [], size: 200 });
  assertEqual(svg.split(">no prediction<").length - 1, 2);
  assertEqual(svg.includes("together 100 % of the patches"), true);
});
