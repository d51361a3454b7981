import fc from "fast-check";
import { blockForward, blockInputGradient, type BlockSize, blockWeightGradient } from "../core/cost/block.ts";
import { flopsOf, sumCosts, times } from "../core/cost/cost.ts";
import { sharedDecoderBackward, sharedDecoderForward } from "../core/cost/decoderShared.ts";
import { wholeDecoderBackward, wholeDecoderForward } from "../core/cost/decoderWhole.ts";
import { type Device, stepSeconds, wholeSeconds } from "../core/cost/device.ts";
import { pretrainFlops } from "../core/cost/flops.ts";
import { headBackward, headForward } from "../core/cost/head.ts";
import { hogCost } from "../core/cost/hog.ts";
import { liveParameters, optimiserCost } from "../core/cost/optimiser.ts";
import { stateSpans } from "../core/cost/runCost.ts";
import { clsTokenLive, type CostState, frozenPrefix } from "../core/cost/state.ts";
import type { Backward } from "../core/cost/encoder.ts";
import { OUR_CHOICES, RELEASED_CHOICES, STEP_PARTS, stepCost, wholeStep } from "../core/cost/stepCost.ts";
import { liveNodes } from "../core/engine/lower/lower.ts";
import { sizeOf } from "../core/engine/program.ts";
import { trace } from "../core/engine/tracer.ts";
import { localMimProgram } from "../core/methods/localmim/program.ts";
import { localMimParameters, ownerOf } from "../core/methods/localmim/parameters.ts";
import { type FreezeState, freezeState } from "../core/schedules/freezeState.ts";
import { gradientNames } from "../training/liveness.ts";
import { assertAlmostEqual, assertEqual, assertTrue } from "./assert.ts";
import { paperSchedule, VIT_B } from "./paperSchedule.ts";

const all = frozenPrefix(VIT_B, 0);
const BLOCK: BlockSize = { tokens: 50, dim: 768, heads: 12, mlpRatio: 4 };
/** 4 x 4 tokens, 4 of them visible; one block of width 4 with one head, decoders of width 4; two stages. */
const TINY = {
  ...VIT_B,
  imageSize: 8,
  patchSize: 2,
  embedDim: 4,
  depth: 2,
  numHeads: 1,
  mlpRatio: 2,
  decoderDim: 4,
  decoderHeads: 1,
  stageBlocks: [1, 2],
  stageScales: [4, 0.5],
  hogBins: 1,
};
/** Four scales after four blocks, no two sizes alike. */
const SMALL = {
  ...VIT_B,
  imageSize: 32,
  patchSize: 4,
  embedDim: 24,
  depth: 4,
  numHeads: 3,
  decoderDim: 16,
  decoderHeads: 2,
  stageBlocks: [1, 2, 3, 4],
};
const ONE_IMAGE = { batch: 1, accumulation: 1 };

Deno.test("blockForward() of ViT-B on 50 tokens is 715.5 million operations", () => {
  // Linear layers 768 to 2304, 768, 3072 and back, on 50 tokens; scores and mixing, 50 x 50 per channel each.
  const linear = 2 * 50 * (768 * 2304 + 768 * 768 + 768 * 3072 + 3072 * 768), attention = 2 * (2 * 50 * 50 * 768);
  const { bytes, ...products } = blockForward(BLOCK);
  assertEqual([linear, attention], [707_788_800, 7_680_000]);
  assertEqual(products, { linear, weightGradient: 0, attention });
  assertEqual(12 * flopsOf(blockForward(BLOCK)), 8_585_625_600, "ViT-B's encoder");
  // 28 widths of a token, and 12 heads' 50 x 50 scores read and written, 4 bytes each.
  assertEqual(bytes, 4 * (50 * 28 * 768 + 2 * 12 * 50 * 50));
});

Deno.test("a block's gradients cost its forward pass twice in operations", () => {
  const inputs = blockInputGradient(BLOCK), weights = blockWeightGradient(BLOCK), { linear } = blockForward(BLOCK);
  assertEqual([inputs.linear, inputs.weightGradient, weights.linear, weights.weightGradient], [linear, 0, 0, linear]);
  // Both operands of both attention products want a gradient; none of them is a weight.
  assertEqual([inputs.attention, weights.attention], [2 * 2 * (2 * 50 * 50 * 768), 0]);
});

Deno.test("decoder and head of ViT-B's four stages, heads on the 147 masked tokens or on all 196", () => {
  const decoder = 2 * 50 * 768 * 256 + 2 * 197 * 12 * 256 * 256 + 2 * (2 * 197 * 197 * 256);
  const heads = (tokens: number) => [
    2 * tokens * 256 * 512 + 2 * 4 * tokens * 128 * 256 + 2 * 16 * tokens * 64 * 27, // 56 x 56
    2 * tokens * 256 * 512 + 2 * 4 * tokens * 128 * 27, // 28 x 28
    2 * tokens * 256 * 27, // 14 x 14
    2 * 49 * 256 * 27, // 7 x 7, whole
  ];
  assertEqual(flopsOf(wholeDecoderForward(VIT_B)), decoder);
  assertEqual(flopsOf(wholeDecoderBackward(VIT_B)), 2 * decoder);
  for (const [tokens, counted] of [["masked", heads(147)], ["all", heads(196)]] as const) {
    counted.forEach((head, stage) => {
      assertEqual(flopsOf(headForward(VIT_B, stage, tokens)), head, `${tokens} ${stage}`);
      assertEqual(flopsOf(headBackward(VIT_B, stage, tokens)), 2 * head, `${tokens} ${stage}`);
    });
  }
});

Deno.test("a decoder of this project projects mask tokens once a batch, and lets only masked tokens ask", () => {
  const d = 256, embed = 2 * 50 * 768 * d, rest = (1 + 2 * 4) * d * d, batch = 8, shared = 197 / batch;
  const masked = embed + 2 * shared * d * d + 2 * (shared + 50) * d * 2 * d + 2 * 147 * rest + 2 * (2 * 147 * 197 * d);
  const pooled = embed + 2 * (shared + 50) * d * 3 * d + 2 * 197 * rest + 2 * (2 * 197 * 197 * d);
  [masked, masked, masked, pooled].forEach((flops, stage) => {
    assertEqual(flopsOf(sharedDecoderForward(VIT_B, stage, batch)), flops, `stage ${stage}`);
    assertEqual(flopsOf(sharedDecoderBackward(VIT_B, stage, batch)), 2 * flops, `stage ${stage}`);
  });
});

/** Operations of the matrix products in the recording of a training step; row means by a product to one column left out. */
async function recordedFlops(state: CostState, backward: Backward, batch: number): Promise<number> {
  const program = localMimProgram({ config: SMALL, batch, liveStages: state.liveStages, heads: "masked" });
  const still = (lives: boolean[]) => lives.map(() => 0), { liveLayers, liveStages } = state; // rates are not asked for
  const freeze: FreezeState = {
    liveLayers,
    liveStages,
    clsTokenLive: clsTokenLive(state),
    layerLr: still(liveLayers),
    stageLr: still(liveStages),
    clsTokenLr: 0,
    globalLr: 0,
    firstLiveLayer: liveLayers.indexOf(true),
  };
  const { graph, outputs } = await trace(program, gradientNames(program.parameters, ownerOf, freeze, backward));
  const live = liveNodes(graph, Object.values(outputs)), size = (id: number) => sizeOf(graph.values[id].shape);
  return graph.nodes.filter((_, k) => live.has(k)).reduce((sum, { kernel, inputs, attributes, outputs: [out] }) => {
    if (kernel === "Linear") return sum + 2 * size(inputs.x as number) * graph.values[inputs.weight as number].shape[0];
    if (kernel !== "BatchMatMul" || graph.values[out].shape.at(-1) === 1) return sum;
    const inner = graph.values[inputs.a as number].shape.at(attributes.transposeA ? -2 : -1)!;
    return sum + 2 * size(out) * inner;
  }, 0);
}

Deno.test("pretrainFlops() is the sum over the matrix products that a training step records, in every freeze state", async () => {
  for (const backward of ["cut", "live"] as const) {
    for (let frozen = 0; frozen <= SMALL.depth; frozen++) {
      for (const batch of [1, 3]) {
        const state = frozenPrefix(SMALL, frozen), recorded = await recordedFlops(state, backward, batch);
        assertEqual(
          pretrainFlops(SMALL, state, backward, batch),
          recorded,
          `${backward}, ${frozen} frozen, batch ${batch}`,
        );
      }
    }
  }
});

Deno.test("stepCost() of a tiny model is what one counts by hand", () => {
  const { parts } = stepCost(TINY, frozenPrefix(TINY, 0), { ...OUR_CHOICES, ...ONE_IMAGE });
  // Patch embedding: 4 tokens, 12 to 4, and its weights; 6 values per token and channel.
  assertEqual(parts.patchEmbed, { linear: 384, weightGradient: 384, attention: 0, bytes: 4 * 6 * 16 });
  // Two blocks of 5 tokens: 2 x 5 x 4 x 32 operations, attention twice 2 x 5 x 5 x 4; 24 widths, 25 scores twice.
  assertEqual(parts.encoderForward, {
    linear: 2 * 1280,
    weightGradient: 0,
    attention: 2 * 400,
    bytes: 2 * 4 * (24 * 5 * 4 + 2 * 25),
  });
  // Two decoders of 17 tokens, fed by 5: 2 x 17 x 4 x 32 and 2 x 5 x 4 x 4 operations.
  assertEqual(parts.decoderForward.linear, 2 * (4352 + 160));
  // Head of scale 4 on 12 masked tokens: 4 to 8, then 48 times 2 to 4, then 192 times 1 to 3; of scale 0.5: 4 times 4 to 3.
  assertEqual(parts.headForward.linear, 768 + 768 + 1152 + 96);
  // HOG: 8 x 8 pixels of 3 colours, 16 bytes each; 256 and 4 cells of 3 channels, written, read, written and read again.
  assertEqual(parts.hog, { linear: 0, weightGradient: 0, attention: 0, bytes: 192 * 16 + 16 * 260 * 3 });
});

Deno.test("stepCost() counts images of a step, and the optimiser once a step", () => {
  const of = (batch: number, accumulation: number) => stepCost(VIT_B, all, { ...OUR_CHOICES, batch, accumulation });
  const one = of(1, 1), pass = of(8, 1), many = of(8, 4);
  assertEqual([many.images, many.passes], [32, 4]);
  for (const part of STEP_PARTS.filter((part) => part !== "optimiser")) {
    assertEqual(many.parts[part], times(4, pass.parts[part]), part);
    // Only decoders share work among the images of a pass.
    const shares = part.startsWith("decoder"), ofOne = times(8, one.parts[part]);
    assertEqual(flopsOf(pass.parts[part]) < flopsOf(ofOne), shares, part);
    if (!shares) assertEqual(pass.parts[part], ofOne, part);
  }
  const parameters = localMimParameters(VIT_B).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b), 0);
  assertEqual(one.parts.optimiser.bytes, 28 * parameters);
  assertEqual(many.parts.optimiser.bytes, (28 + 4 * 12) * parameters);
});

Deno.test("optimiserCost() counts what lives", () => {
  const block = 12 * 768 * 768 + 13 * 768, last = frozenPrefix(VIT_B, 12), before = frozenPrefix(VIT_B, 11);
  assertEqual(liveParameters(VIT_B, before) - liveParameters(VIT_B, last), block);
  assertEqual(liveParameters(VIT_B, { ...last, clsTokenLive: true }) - liveParameters(VIT_B, last), 768);
  assertEqual(optimiserCost(VIT_B, last, 1).bytes, 28 * liveParameters(VIT_B, last));
});

Deno.test("hogCost() makes the gradients once, or once per live scale as released", () => {
  const cost = (live: number, form: "shared" | "perScale") =>
    hogCost(VIT_B, [0, 1, 2, 3].map((stage) => stage < live), form).bytes -
    16 * cells.slice(0, live).reduce((a, b) => a + b, 0) * 27;
  const cells = [3136, 784, 196, 49];
  assertEqual([1, 2, 4].map((live) => cost(live, "shared") / cost(1, "shared")), [1, 1, 1]);
  assertEqual([1, 2, 4].map((live) => cost(live, "perScale") / cost(1, "perScale")), [1, 2, 4]);
  assertEqual(cost(0, "perScale"), 0);
});

Deno.test("stepSeconds() divides operations by rates and bytes by bandwidths, and adds what is fixed", () => {
  const device: Device = {
    name: "made up",
    source: "made up",
    gflops: { linear: 1, weightGradient: 2, attention: 4 },
    gigabytesPerSecond: { hog: 32, elementwise: 8, optimiser: 16 },
    fixedSeconds: 3,
  };
  const step = stepCost(TINY, frozenPrefix(TINY, 0), { ...OUR_CHOICES, batch: 1, accumulation: 2 });
  const seconds = stepSeconds(step, device), { encoderBackward: part, optimiser } = step.parts;
  const wanted = part.linear / 1e9 + part.weightGradient / 2e9 + part.attention / 4e9 + part.bytes / 8e9;
  assertAlmostEqual(seconds.encoderBackward / wanted, 1, 1e-12, "encoderBackward"); // rounding alone
  assertAlmostEqual(seconds.hog / (step.parts.hog.bytes / 32e9), 1, 1e-12, "hog");
  assertAlmostEqual(seconds.optimiser / (optimiser.bytes / 16e9), 1, 1e-12, "optimiser");
  assertEqual(seconds.fixed, 6);
  assertTrue(wholeSeconds(seconds) > 6 && wholeSeconds(seconds) < 6.001, "the whole is not the sum");
});

Deno.test("freezing one layer more never costs more, and cut costs at most what live does", () => {
  const sizes = fc.record({
    embedDim: fc.constantFrom(12, 48, 192, 768),
    depth: fc.integer({ min: 2, max: 24 }),
    stageScales: fc.subarray([4, 2, 1, 0.5], { minLength: 1, maxLength: 2 }),
    mlpRatio: fc.integer({ min: 1, max: 4 }),
    heads: fc.constantFrom("masked" as const, "all" as const),
    hog: fc.constantFrom("shared" as const, "perScale" as const),
    batch: fc.integer({ min: 1, max: 64 }),
  });
  fc.assert(
    fc.property(sizes, ({ depth, stageScales, heads, hog, batch, ...shape }) => {
      const stageBlocks = stageScales.length === 1 ? [depth] : [1, depth];
      const config = { ...VIT_B, ...shape, depth, stageScales, stageBlocks, numHeads: 3 };
      const seconds = (frozen: number, backward: "cut" | "live") => {
        const options = { ...OUR_CHOICES, backward, heads, hog, batch, accumulation: 1 };
        const { linear, weightGradient, attention, bytes } = wholeStep(
          stepCost(config, frozenPrefix(config, frozen), options),
        );
        return linear + weightGradient + attention + bytes; // any device whose rates are positive orders alike
      };
      for (let frozen = 0; frozen <= depth; frozen++) {
        const cut = seconds(frozen, "cut"), live = seconds(frozen, "live");
        assertTrue(frozen <= 1 ? cut === live : cut < live, `${frozen} frozen: cut ${cut}, live ${live}`);
        if (frozen === 0) continue;
        assertTrue(cut < seconds(frozen - 1, "cut"), `cut: layer ${frozen - 1} saves nothing`);
        assertTrue(live < seconds(frozen - 1, "live"), `live: layer ${frozen - 1} saves nothing`);
      }
    }),
    { numRuns: 30, seed: 5 },
  );
});

Deno.test("a class token that lives on drags the pass through frozen blocks, cut or not", () => {
  const state = { ...frozenPrefix(VIT_B, 6), clsTokenLive: true };
  assertEqual(pretrainFlops(VIT_B, state, "cut", 8), pretrainFlops(VIT_B, frozenPrefix(VIT_B, 6), "live", 8));
});

Deno.test("pretrainFlops() counts a backward pass as twice the forward pass", () => {
  const embed = 2 * 49 * 768 * 768, block = flopsOf(blockForward(BLOCK));
  const decoders = 3 * flopsOf(sumCosts([0, 1, 2, 3].flatMap((stage) => [
    sharedDecoderForward(VIT_B, stage, 8),
    headForward(VIT_B, stage, "masked"),
  ])));
  // The patch embedding needs no gradient of the image.
  assertEqual(pretrainFlops(VIT_B, all, "cut", 8), 8 * (2 * embed + 3 * 12 * block + decoders));
  assertEqual(pretrainFlops(VIT_B, all, "live", 8), pretrainFlops(VIT_B, all, "cut", 8));
  const frozen = { ...all, liveLayers: all.liveLayers.map((_, layer) => layer >= 3), clsTokenLive: false };
  assertEqual(pretrainFlops(VIT_B, frozen, "cut", 8), 8 * (embed + (2 + 3 * 10) * block + decoders));
  const { linear, attention } = blockForward(BLOCK);
  // A frozen block's own gradient: linear layers once, attention twice, since neither of its operands is a weight.
  assertEqual(
    pretrainFlops(VIT_B, frozen, "live", 8),
    8 * (embed + 2 * (2 * linear + 3 * attention) + 30 * block + decoders),
  );
});

Deno.test("stateSpans() holds every step of a run once, in the state that freezeState() gives it", () => {
  for (const [freezing, perEpoch] of [[{}, 7], [{}, 10], [null, 3]] as const) {
    const schedule = paperSchedule(freezing, perEpoch), spans = stateSpans(schedule);
    const states = spans.flatMap(({ state, steps }) => Array.from({ length: steps }, () => state.liveLayers));
    assertEqual(states.length, 100 * perEpoch);
    states.forEach((live, step) => assertEqual(live, freezeState(schedule, step).liveLayers, `step ${step}`));
  }
});

Deno.test("the released choices cost more than ours where programs differ, and the same elsewhere", () => {
  const of = (choices: typeof OUR_CHOICES, frozen: number) =>
    stepCost(VIT_B, frozenPrefix(VIT_B, frozen), { ...choices, batch: 8, accumulation: 1 });
  const ours = of(OUR_CHOICES, 2), released = of(RELEASED_CHOICES, 2);
  for (const part of STEP_PARTS) {
    if (part === "encoderForward" || part === "optimiser") assertEqual(ours.parts[part], released.parts[part], part);
    else if (part.startsWith("decoder")) assertTrue(flopsOf(ours.parts[part]) < flopsOf(released.parts[part]), part);
    else assertTrue(ours.parts[part].bytes < released.parts[part].bytes, part);
  }
});
