import { Arena } from "../core/engine/arena.ts";
import type { Feeds } from "../core/engine/program.ts";
import { randomStream } from "../core/random/stream.ts";
import { consecutive } from "../training/batches.ts";
import { Clock } from "../training/clock.ts";
import type { Objective, Stretch } from "../training/objective.ts";
import { finetuneObjective } from "../training/phases/finetune.ts";
import { linearObjective } from "../training/phases/linear.ts";
import { pretrainObjective } from "../training/phases/pretrain.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { compiled, normals, TINY } from "./engineTools.ts";
import { FINETUNE, images, pretrainConfig } from "./trainingTools.ts";

const DEEP = { ...TINY, depth: 6, stageBlocks: [2, 3, 5, 6] };
const FEATURES = { values: normals(26 * 8, 4), labels: Int32Array.from({ length: 26 }, (_, i) => i % 3), dim: 8 };
const PROBE = {
  model: FINETUNE.model,
  epochs: 3,
  warmupEpochs: 1,
  batch: 6,
  optimizer: "lars" as const,
  baseLr: 4,
  momentum: 0.9,
  weightDecay: 0.01,
  pool: "mean" as const,
  testCropRatio: 1,
};

/** Objectives that are asked for the first time, of all kinds. */
const OBJECTIVES: Record<string, () => Objective<unknown>> = {
  pretrain: () =>
    pretrainObjective(
      pretrainConfig({ epochs: 4, warmupEpochs: 0.5 }, { t0: 0.4 }, DEEP),
      images.train,
      3,
    ) as Objective<
      unknown
    >,
  "pretrain, live": () =>
    pretrainObjective(pretrainConfig({ epochs: 4 }, { t0: 0.3, backward: "live" }, DEEP), images.train, 3) as Objective<
      unknown
    >,
  finetune: () =>
    finetuneObjective({ ...FINETUNE, epochs: 4, warmupEpochs: 1 }, { dataset: images, seed: 3 }) as Objective<unknown>,
  linear: () => linearObjective(PROBE, FEATURES, 3, 3) as Objective<unknown>,
};

/** What a stretch is, as far as it can be looked at. */
function shapeOf({ program: { parameters, inputs }, gradients, losses }: Stretch) {
  return { parameters: parameters.map(({ name, shape }) => [name, shape]), inputs, gradients, losses };
}

/** All that an objective answers about a step, feeds included. */
async function answers(objective: Objective<unknown>, iteration: number, stretch: Stretch) {
  const epoch = Math.floor(iteration / objective.iterationsPerEpoch), k = iteration % objective.iterationsPerEpoch;
  const { batch } = objective.batch, places = (n: number) => consecutive(n * batch, batch);
  const { value } = await objective.batches(epoch, k + 1, k, places).next();
  const feeds: Feeds = objective.feeds(value, epoch, stretch, new Clock([]));
  return {
    ...shapeOf(stretch),
    feeds: Object.entries(feeds).map(([name, values]) => [name, [...values]]),
    updates: objective.updates(iteration, stretch),
    events: objective.events(iteration),
    facts: objective.facts(iteration),
  };
}

for (const [name, make] of Object.entries(OBJECTIVES)) {
  Deno.test(`what an objective answers hangs on the step alone, not on what was asked before: ${name}`, async () => {
    const first = make(), { batch } = first.batch, total = first.epochs * first.iterationsPerEpoch;
    const inOrder = [], stretches = new Set<Stretch>();
    for (let iteration = 0; iteration < total; iteration++) {
      const stretch = first.stretch(iteration, batch);
      assertTrue(first.stretch(iteration, batch) === stretch, `step ${iteration} has two stretches`);
      stretches.add(stretch);
      inOrder.push(await answers(first, iteration, stretch));
    }
    // In order a stretch is one object as long as nothing changes.
    assertEqual(stretches.size, new Set(inOrder.map(({ gradients }) => gradients.join())).size);
    assertEqual(stretches.size > 1, name.startsWith("pretrain"));

    const other = make(), order = [...randomStream(7, "test").permutation(total)];
    assertTrue(order.join() !== order.toSorted((a, b) => a - b).join(), "the steps are in order");
    // All stretches are asked for before the first is fed.
    const asked = order.map((iteration) => ({ iteration, stretch: other.stretch(iteration, batch) }));
    for (const { iteration, stretch } of asked) {
      assertEqual(await answers(other, iteration, stretch), inOrder[iteration], `step ${iteration}`);
    }
    for (const iteration of order.toReversed()) {
      assertEqual(
        await answers(other, iteration, other.stretch(iteration, batch)),
        inOrder[iteration],
        `step ${iteration}`,
      );
    }
  });
}

Deno.test("programs of one step are one function, whatever was asked before", async () => {
  const [inOrder, other] = [OBJECTIVES.pretrain(), OBJECTIVES.pretrain()], { batch } = inOrder.batch;
  const last = inOrder.epochs * inOrder.iterationsPerEpoch - 1;
  const outputs = async (objective: Objective<unknown>, stretch: Stretch) => {
    const arena = new Arena(objective.parameters);
    objective.initialize(arena);
    const { value } = await objective.batches(0, 1, 0, (k) => consecutive(k * batch, batch)).next();
    const step = await compiled.train(stretch.program, arena, stretch.gradients);
    const found = await step.run(objective.feeds(value, 0, stretch, new Clock([])));
    const losses = stretch.losses.map((name) => found[name][0]);
    step.dispose();
    return { losses, gradients: stretch.gradients.map((name) => [...arena.view(name, "gradient")]) };
  };
  const found = other.stretch(last, batch), first = other.stretch(0, batch);
  assertTrue(first.gradients.length > found.gradients.length && found.gradients.length > 0, "nothing freezes");
  for (let iteration = 0; iteration < last; iteration++) inOrder.stretch(iteration, batch);
  assertEqual(await outputs(other, found), await outputs(inOrder, inOrder.stretch(last, batch)));
  const fresh = OBJECTIVES.pretrain();
  assertEqual(await outputs(other, first), await outputs(fresh, fresh.stretch(0, batch)));
});
