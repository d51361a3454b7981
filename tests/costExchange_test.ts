import fc from "fast-check";
import { type Device, stepSeconds, wholeSeconds } from "../core/cost/device.ts";
import { DEVICES } from "../core/cost/devices.ts";
import {
  bucketCount,
  exchangeBytes,
  exchangeSeconds,
  overlappedSeconds,
  parallelStep,
  ringBytes,
} from "../core/cost/exchange.ts";
import { predictParallelRun } from "../core/cost/parallelRun.ts";
import { predictRun } from "../core/cost/runCost.ts";
import { frozenPrefix } from "../core/cost/state.ts";
import { OUR_CHOICES, stepCost, type StepOptions } from "../core/cost/stepCost.ts";
import { sizeOf } from "../core/engine/program.ts";
import { LOCALMIM_VIT_B, type LocalMimConfig } from "../core/methods/localmim/config.ts";
import { localMimParameters, ownerOf } from "../core/methods/localmim/parameters.ts";
import { BUCKET_BYTES } from "../core/parallel/buckets.ts";
import { freezeState } from "../core/schedules/freezeState.ts";
import type { FreezeSchedule } from "../core/schedules/freezeSchedule.ts";
import { pretrainUpdates, rateOf } from "../training/liveness.ts";
import { assertAlmostEqual, assertEqual, assertTrue } from "./assert.ts";
import { paperSchedule } from "./paperSchedule.ts";

const VIT_B = LOCALMIM_VIT_B, OPTIONS: StepOptions = { ...OUR_CHOICES, batch: 8, accumulation: 1 };
/** Four scales after blocks 1, 2, 3 and 5; no two sizes alike. */
const SMALL: LocalMimConfig = {
  ...VIT_B,
  imageSize: 32,
  patchSize: 4,
  embedDim: 24,
  depth: 5,
  numHeads: 3,
  decoderDim: 16,
  decoderHeads: 2,
  stageBlocks: [1, 2, 3, 5],
};
const TEN = { nodes: 8, gigabitsPerSecond: 10 }, HUNDRED = { nodes: 8, gigabitsPerSecond: 100 };

/** The cubic schedule of Table 17 for a model, 100 epochs. */
function scheduleOf({ depth, stageBlocks }: LocalMimConfig, iterationsPerEpoch: number): FreezeSchedule {
  return { ...paperSchedule({}, iterationsPerEpoch), layers: depth + 1, stageBlocks };
}

Deno.test("exchangeBytes() of ViT-B with nothing frozen is 4 bytes a parameter, counted layer by layer", () => {
  // qkv, projection and MLP hold 12 d^2 weights and 9 d biases; two norms 4 d.
  const block = (d: number) => 12 * d * d + 13 * d, linear = (from: number, to: number) => from * to + to;
  const encoder = 768 + linear(3 * 16 * 16, 768) + 12 * block(768);
  const upsample = (from: number, to: number) => from * to * 2 * 2 + to;
  const decoder = 2 * 768 + 256 + linear(768, 256) + block(256) + 2 * 256;
  const heads = [
    upsample(256, 128) + 2 * 128 + upsample(128, 64) + linear(64, 27),
    upsample(256, 128) + linear(128, 27),
    linear(256, 27),
    linear(256, 27),
  ];
  const counted = encoder + 4 * decoder + heads.reduce((a, b) => a + b);
  assertEqual(exchangeBytes(VIT_B, frozenPrefix(VIT_B, 0)), 4 * counted);
  assertEqual(4 * counted, 359_664_560);
  // At the end the last block and the last decoder are left.
  assertEqual(exchangeBytes(VIT_B, frozenPrefix(VIT_B, 12)), 4 * (block(768) + decoder + heads[3]));
});

Deno.test("exchangeBytes() is of what a training step updates, in every state of ViT-B and of a small model", () => {
  for (const config of [VIT_B, SMALL]) {
    const parameters = localMimParameters(config), schedule = scheduleOf(config, 3), firsts = new Set<number>();
    const specs = new Map(parameters.map((spec) => [spec.name, spec])), names = [...specs.keys()];
    for (let step = 0; step < 3 * 100; step++) {
      const state = freezeState(schedule, step), first = state.firstLiveLayer;
      if (firsts.has(first)) continue;
      firsts.add(first);
      const live = parameters.filter(({ name }) => rateOf(ownerOf(name), state).live);
      assertEqual(
        live.map(({ name }) => name),
        pretrainUpdates(names, specs, ownerOf, state, 0.05).map(({ name }) => name),
      );
      const bytes = 4 * live.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
      assertEqual(exchangeBytes(config, state), bytes, `layer ${first} is the first live one`);
      assertEqual(exchangeBytes(config, frozenPrefix(config, first)), bytes, `${first} frozen layers`);
    }
    assertEqual([...firsts], Array.from({ length: config.depth + 1 }, (_, layer) => layer));
  }
});

Deno.test("a ring of 8 nodes sends 175 of 100 million bytes: 140 ms at 10 Gb/s, 14 ms at 100 Gb/s", () => {
  assertEqual(ringBytes(100e6, 8), 175e6);
  assertEqual(exchangeSeconds(100e6, TEN), 0.14);
  assertEqual(exchangeSeconds(100e6, HUNDRED), 0.014);
  assertEqual([1, 2, 4].map((nodes) => ringBytes(100e6, nodes)), [0, 100e6, 150e6]);
  assertEqual(exchangeSeconds(100e6, { nodes: 1, gigabitsPerSecond: 10 }), 0);
});

Deno.test("bucketCount() rounds up, and is at least one", () => {
  assertEqual([0, 4, BUCKET_BYTES, BUCKET_BYTES + 4, 10 * BUCKET_BYTES].map(bucketCount), [1, 1, 1, 2, 10]);
});

Deno.test("overlappedSeconds() is when the last bucket is updated, each after arrival and the one before", () => {
  const seconds = fc.integer({ min: 0, max: 1000 }), buckets = fc.integer({ min: 1, max: 40 });
  fc.assert(fc.property(seconds, seconds, buckets, (exchange, update, count) => {
    let arrived = 0, updated = 0;
    for (let bucket = 0; bucket < count; bucket++) {
      arrived += exchange;
      updated = Math.max(arrived, updated) + update;
    }
    // Sums of at most 80 thousand whole numbers of thousandths: rounding alone.
    assertAlmostEqual(overlappedSeconds(exchange * count, update * count, count), updated, 1e-9);
  }));
});

Deno.test("parallelStep() lets AdamW alone run beside the exchange, not the sums over micro-batches", () => {
  const device: Device = {
    name: "made up",
    source: "made up",
    gflops: { linear: 1000, weightGradient: 1000, attention: 1000 },
    gigabytesPerSecond: { hog: 100, elementwise: 100, optimiser: 70 },
    fixedSeconds: 0.25,
  };
  const state = frozenPrefix(VIT_B, 0), options = { ...OPTIONS, accumulation: 4 };
  const step = parallelStep(VIT_B, state, options, device, TEN);
  const { optimiser, ...others } = stepSeconds(stepCost(VIT_B, state, options), device);
  const parameters = 359_664_560 / 4, exchange = 2 * 7 / 8 * 359_664_560 * 8 / 10e9, update = 28 * parameters / 70e9;
  assertAlmostEqual(optimiser, update + 4 * 12 * parameters / 70e9, 1e-12, "optimiser"); // rounding alone
  // 359.7 million bytes are 10.7 buckets of 32 MiB.
  const wanted = Object.values(others).reduce((a, b) => a + b) + (optimiser - update) + exchange + update / 11;
  assertAlmostEqual(step.seconds / wanted, 1, 1e-12, "seconds"); // rounding alone
  assertEqual([step.bytes, step.sentBytes, step.exchangeSeconds], [359_664_560, 629_412_980, exchange]);
  assertEqual(step.efficiency, wholeSeconds({ optimiser, ...others }) / step.seconds);
});

Deno.test("freezing one layer more leaves less to exchange, and of ViT-B a shorter step", () => {
  const sizes = fc.record({
    embedDim: fc.constantFrom(12, 48, 192, 768),
    depth: fc.integer({ min: 2, max: 24 }),
    stageScales: fc.subarray([4, 2, 1, 0.5], { minLength: 1, maxLength: 2 }),
  });
  const network = fc.record({
    nodes: fc.integer({ min: 2, max: 64 }),
    gigabitsPerSecond: fc.constantFrom(1, 10, 100, 400),
  });
  fc.assert(
    fc.property(sizes, network, ({ depth, stageScales, ...shape }, network) => {
      const stageBlocks = stageScales.length === 1 ? [depth] : [1, depth];
      const config = { ...VIT_B, ...shape, depth, stageScales, stageBlocks };
      const bytes = Array.from(
        { length: depth + 1 },
        (_, frozen) => exchangeBytes(config, frozenPrefix(config, frozen)),
      );
      for (let frozen = 1; frozen <= depth; frozen++) {
        const [before, after] = [bytes[frozen - 1], bytes[frozen]];
        assertTrue(after < before, `${frozen} frozen: ${after} after ${before} bytes`);
        assertTrue(exchangeSeconds(after, network) < exchangeSeconds(before, network), `${frozen} frozen: seconds`);
      }
    }),
    { numRuns: 30, seed: 5 },
  );
  // Not so of every model: with a bucket fewer the last one is larger, and its update waits for all of it.
  for (const device of Object.values(DEVICES)) {
    for (const network of [TEN, HUNDRED]) {
      const seconds = Array.from(
        { length: VIT_B.depth + 1 },
        (_, frozen) => parallelStep(VIT_B, frozenPrefix(VIT_B, frozen), OPTIONS, device, network).seconds,
      );
      seconds.slice(1).forEach((each, k) => assertTrue(each < seconds[k], `${device.name}: ${seconds}`));
    }
  }
});

Deno.test("one node exchanges nothing and is 100 % efficient; every node more costs some of it", () => {
  for (const device of Object.values(DEVICES)) {
    for (let frozen = 0; frozen <= VIT_B.depth; frozen++) {
      const state = frozenPrefix(VIT_B, frozen),
        alone = wholeSeconds(stepSeconds(stepCost(VIT_B, state, OPTIONS), device));
      const of = (nodes: number) => parallelStep(VIT_B, state, OPTIONS, device, { nodes, gigabitsPerSecond: 10 });
      const { sentBytes, exchangeSeconds, seconds, efficiency } = of(1);
      assertEqual([sentBytes, exchangeSeconds, seconds, efficiency], [0, 0, alone, 1]);
      const efficiencies = [1, 2, 4, 8, 64, 1024].map((nodes) => of(nodes).efficiency);
      efficiencies.slice(1).forEach((each, k) => assertTrue(each < efficiencies[k], `${frozen}: ${efficiencies}`));
    }
  }
});

Deno.test("predictParallelRun() sums the steps of a run; with one node it is predictRun()", () => {
  const schedule = scheduleOf(VIT_B, 4), cpu = DEVICES.cpu;
  const run = predictParallelRun(VIT_B, schedule, OPTIONS, cpu, TEN), alone = predictRun(VIT_B, schedule, OPTIONS, cpu);
  const states = Array.from({ length: 400 }, (_, step) => freezeState(schedule, step));
  const steps = states.map((state) => parallelStep(VIT_B, state, OPTIONS, cpu, TEN));
  const sum = (key: "seconds" | "sentBytes") => steps.reduce((total, step) => total + step[key], 0);
  assertEqual(run.frozen.sentBytes, sum("sentBytes"));
  assertAlmostEqual(run.frozen.seconds / sum("seconds"), 1, 1e-12, "seconds"); // another order of additions
  assertEqual(run.baseline.sentBytes, 400 * 629_412_980);
  assertEqual(run.savedBytes, run.baseline.sentBytes - sum("sentBytes"));
  assertEqual(run.saving.sentBytes, 1 - sum("sentBytes") / run.baseline.sentBytes);
  assertEqual([run.baseline.flops, run.frozen.flops], [alone.baseline.flops, alone.frozen.flops]);
  for (const row of ["baseline", "frozen"] as const) {
    assertEqual(run[row].efficiency, alone[row].seconds / run[row].seconds, row);
    assertTrue(run[row].efficiency < 1, `${row}: ${run[row].efficiency}`);
  }
  const single = predictParallelRun(VIT_B, schedule, OPTIONS, cpu, { nodes: 1, gigabitsPerSecond: 10 });
  for (const row of ["baseline", "frozen"] as const) {
    assertEqual(single[row], { ...alone[row], sentBytes: 0, efficiency: 1 }, row);
  }
});

Deno.test("on a slow network freezing saves more of the time than on one node, on a fast one as much", () => {
  const schedule = scheduleOf(VIT_B, 100),
    saving = (network: typeof TEN) => predictParallelRun(VIT_B, schedule, OPTIONS, DEVICES.cpu, network).saving;
  const alone = predictRun(VIT_B, schedule, OPTIONS, DEVICES.cpu).saving,
    percent = (share: number) => (100 * share).toFixed(1);
  assertEqual([alone, saving(TEN), saving(HUNDRED)].map(({ seconds }) => percent(seconds)), ["16.1", "17.6", "16.0"]);
  assertEqual([TEN, HUNDRED].map((network) => percent(saving(network).sentBytes)), ["21.8", "21.8"]);
});
