import { Arena } from "../core/engine/arena.ts";
import { invertOrder } from "../core/engine/rowOrder.ts";
import type { Owner } from "../core/methods/method.ts";
import type { SimMimConfig } from "../core/methods/simmim/config.ts";
import { PREFIX } from "../core/methods/simmim/parameters.ts";
import { simMimFault } from "../core/methods/simmim/schema.ts";
import { METHODS } from "../core/methods/mod.ts";
import { classifierProgram } from "../core/models/classifier.ts";
import { tokenCount } from "../core/models/config.ts";
import { type SwinConfig, swinLayer, swinStages } from "../core/models/swin/config.ts";
import { apartMask, ofBatch, windowOrder } from "../core/models/swin/windows.ts";
import { vitTitle } from "../core/models/title.ts";
import { layerDecayFactor } from "../core/optim/groups.ts";
import { poolFault } from "../core/probes/features.ts";
import { finetuneObjective } from "../training/phases/finetune.ts";
import { assertAlmostEqual, assertEqual, assertTrue } from "./assert.ts";
import { compiled, normals, randomArena, runOnce, slopesOf } from "./engineTools.ts";
import { assertFrozenRunResumes } from "./frozenRunTools.ts";
import { FINETUNE, workOf } from "./trainingTools.ts";

/** Two stages: 8 x 8 tokens of width 8, 4 x 4 of width 16; windows of 2 x 2, moved by 1 in every second block. */
const SWIN: SwinConfig = {
  ...{ imageSize: 32, patchSize: 8, embedDim: 16, depth: 4, numHeads: 2, mlpRatio: 4 },
  swin: { depths: [2, 2], numHeads: [1, 2], window: 2 },
};
const VIEWS = {
  views: 2,
  viewRule: "disjoint",
  lrRule: "adaptive",
  maskRatio: 0.5,
  predRatio: 1,
  pattern: "uniform",
} as const;
const CONFIG: SimMimConfig = { ...SWIN, ...VIEWS }, { simmim } = METHODS;

Deno.test("windows hold each token once, and what is moved wraps around and attends to neighbours alone", () => {
  const stages = swinStages({ ...SWIN, imageSize: 64, swin: { ...SWIN.swin, window: 4 } });
  assertEqual(stages.map(({ grid, dim, heads, window, shift }) => [grid, dim, heads, window, shift]), [
    [16, 8, 1, 4, 2],
    [8, 16, 2, 4, 2],
  ]);
  for (const stage of stages) {
    const { grid, window, shift } = stage, order = windowOrder(stage, shift), size = window ** 2;
    assertEqual([...order].sort((a, b) => a - b), Array.from({ length: grid ** 2 }, (_, k) => k));
    assertEqual(Array.from(invertOrder(order, order.length), (place) => order[place]), [...order.keys()]);
    assertEqual(ofBatch(order, 2)[grid ** 2 + 3], grid ** 2 + order[3]);
    // The first window begins at (shift, shift), and the last one ends where the first begins.
    assertEqual([order[0], order.at(-1)], [shift * grid + shift, (shift - 1) * grid + shift - 1]);
    const mask = apartMask(stage, shift),
      wrapped = (place: number) =>
        [Math.floor(place / grid), place % grid]
          .map((at) => at < shift);
    let apart = 0;
    for (let a = 0; a < order.length; a++) {
      const first = a - a % size;
      for (let b = 0; b < size; b++) {
        // Two tokens of a window are neighbours where both wrap or neither does, by rows and by columns.
        const together = String(wrapped(order[a])) === String(wrapped(order[first + b]));
        assertEqual(mask[a * size + b], together ? 0 : -100, `${a}, ${b}`);
        if (!together) apart++;
      }
    }
    assertTrue(apart > 0, "nothing is apart");
  }
  // One window over all of a grid has nowhere to go.
  assertEqual(swinStages({ ...SWIN, swin: { ...SWIN.swin, window: 4 } }).map(({ shift }) => shift), [2, 0]);
});

Deno.test("a Swin's layers are counted through its stages, what joins tokens with the block before it", () => {
  const { swin } = SWIN, names = simmim.parameters(CONFIG).map(({ name }) => name);
  const cases: Record<string, Owner> = {
    mask_token: { layer: 0 },
    "patch_embed.norm.weight": { layer: 0 },
    "layers.0.blocks.0.attn.qkv.weight": { layer: 1 },
    "layers.0.blocks.1.attn.relative_position_bias_table": { layer: 2 },
    "layers.0.downsample.reduction.weight": { layer: 2 },
    "layers.1.blocks.1.mlp.fc2.bias": { layer: 4 },
    "norm.weight": { stage: 0 },
  };
  for (const [name, owner] of Object.entries(cases)) {
    assertTrue(names.includes(PREFIX + name), name);
    assertEqual(simmim.owner(PREFIX + name, CONFIG), owner, name);
  }
  assertEqual(simmim.owner("decoder.0.weight", CONFIG), { stage: 0 });
  assertEqual(simmim.encoder(CONFIG).layers, 5);
  assertEqual([swinLayer("norm.weight", swin), swinLayer("head.bias", swin)], [undefined, undefined]);
  assertAlmostEqual(layerDecayFactor("layers.1.blocks.0.norm1.bias", 4, 0.8, swin), 0.8 ** 2, 1e-15);
  assertAlmostEqual(layerDecayFactor("patch_embed.proj.weight", 4, 0.8, swin), 0.8 ** 5, 1e-15);
  assertEqual(layerDecayFactor("head.weight", 4, 0.8, swin), 1);
  assertEqual(vitTitle(SWIN), "Swin 8x2, 16x2, patch 8, 32 px");
});

Deno.test("SimMIM on Swin with two disjoint views resumes bit for bit; what freezes keeps its bits and cuts the pass", () =>
  assertFrozenRunResumes({ name: "simmim", ...CONFIG }, [1, 5]));

Deno.test("a Swin is fine-tuned from its pre-trained blocks, and its gradients agree with central differences", async () => {
  const { vit } = simmim.encoder(CONFIG), from = randomArena({ parameters: simmim.parameters(CONFIG) } as never, 0.3);
  const objective = finetuneObjective({ ...FINETUNE, model: vit }, workOf({ from })),
    tuned = new Arena(objective.parameters, 1);
  objective.initialize(tuned);
  for (const name of tuned.names().filter((name) => /^(layers|patch_embed)\./.test(name))) {
    assertEqual(tuned.view(name), from.view(PREFIX + name), name);
  }
  const program = classifierProgram({ ...vit, numClasses: 3 }, 2), arena = randomArena(program, 0.5);
  const names = program.parameters.map(({ name }) => name);
  const feeds = {
    patches: normals(2 * tokenCount(vit) * 192, 4),
    targets: Float32Array.of(1, 0, 0, 0, 0.5, 0.5),
    keep: Float32Array.from({ length: 16 }, (_, k) => [1, 1, 2, 0][k % 4]),
  };
  const { gradients } = await runOnce(compiled, program, arena, feeds, names);
  for (
    const part of [
      "blocks.1.attn.relative_position_bias_table",
      "blocks.1.attn.qkv.weight",
      "downsample.reduction.weight",
    ]
  ) {
    const name = `layers.0.${part}`, gradient = gradients[name];
    const { found, slope } = await slopesOf(program, arena, feeds, { name, gradient, step: 0.01 });
    // A loss of about 1 is known to 1e-7, so its slope over 0.02 to 1e-5; the third derivative adds some 1e-3 of it.
    assertAlmostEqual(found, slope, 3e-5 + 5e-3 * Math.abs(slope), name);
    assertTrue(Math.abs(found) > 1e-4, `${name}: no slope`);
  }
});

Deno.test("what a Swin cannot be is refused by key, value found and value wanted", () => {
  const { swin } = SWIN,
    cases: [Partial<SimMimConfig>, string][] = [
      [{ swin: { ...swin, numHeads: [2] } }, "swin.numHeads [2]: want one for each of the 2 stages of swin.depths"],
      [{ depth: 3 }, "depth 3: want 4, the blocks of swin.depths [2,2]"],
      [{ numHeads: 4 }, "numHeads 4: want 2, the last stage's"],
      [{ patchSize: 1 }, "patchSize 1: want a multiple of 2, for it is that of the last stage"],
      [{ swin: { ...swin, window: 3 } }, "swin.window 3: want one that divides the 8 tokens per side of stage 1"],
      [{ swin: { ...swin, numHeads: [3, 2] } }, "swin.numHeads [3,2]: want such that 3 divides stage 1's width 8"],
    ];
  for (const [change, fault] of cases) assertEqual(simMimFault({ ...CONFIG, ...change }), fault);
  assertEqual(simMimFault(CONFIG), undefined);
  assertEqual(poolFault(SWIN, "cls"), "pool cls: want mean, for a model with stages has no class token");
});
