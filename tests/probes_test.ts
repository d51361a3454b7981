import fc from "fast-check";
import { Arena } from "../core/engine/arena.ts";
import { CompiledEngine } from "../core/engine/compiled.ts";
import { sizeOf } from "../core/engine/program.ts";
import { classifierParameters } from "../core/models/classifier.ts";
import { initialize } from "../core/models/init.ts";
import { BATCH_NORM, initialStatistics, updateStatistics } from "../core/probes/batchStatistics.ts";
import { knnVotes, topAccuracy, votesOf } from "../core/probes/knn.ts";
import { linearProbeInference, linearProbeParameters, linearProbeProgram } from "../core/probes/linearProbe.ts";
import { nearest } from "../core/probes/nearest.ts";
import { proceduralDataset } from "../datasets/mod.ts";
import { featuresOf } from "../training/features.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { compiled, eager, normals, randomArena, runOnce } from "./engineTools.ts";

const OPTIONS = { k: 5, temperature: 0.07, numClasses: 4 };

/** Rows of a matrix, of length 1. */
function unitRows(features: Float32Array, dim: number): number[][] {
  return Array.from({ length: features.length / dim }, (_, row) => {
    const values = [...features.subarray(row * dim, (row + 1) * dim)];
    const length = Math.max(Math.sqrt(values.reduce((sum, value) => sum + value * value, 0)), 1e-12);
    return values.map((value) => value / length);
  });
}

/** k-NN by sorting all training rows for every test row. */
function naive(train: Float32Array, test: Float32Array, dim: number, k: number) {
  const rows = unitRows(train, dim);
  const sorted = unitRows(test, dim).map((query) =>
    rows.map((row, index) => ({ index, similarity: row.reduce((sum, value, d) => sum + query[d] * value, 0) }))
      // A stable sort: of equals the first stays first.
      .sort((a, b) => b.similarity - a.similarity).slice(0, k)
  );
  return {
    k,
    indices: Int32Array.from(sorted.flat(), ({ index }) => index),
    similarities: Float64Array.from(sorted.flat(), ({ similarity }) => similarity),
  };
}

const labelsOf = (count: number) => Int32Array.from({ length: count }, (_, i) => (i * 7 + (i >> 2)) % 4);

Deno.test("nearest() equals a sort of all similarities in every bit, equal ones by index", () => {
  const sizes = fc.tuple(
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 5 }),
  );
  const cases = sizes.chain(([N, M, dim]) => {
    // Few different values, so that many rows are equal or multiples of each other, and some are zeros.
    const rows = (count: number) =>
      fc.array(fc.constantFrom(-2, -1, 0, 0, 1, 2), { minLength: count * dim, maxLength: count * dim })
        .map((list) => Float32Array.from(list));
    return fc.tuple(rows(N), rows(M), fc.constant(dim), fc.integer({ min: 1, max: N }));
  });
  fc.assert(fc.property(cases, ([train, test, dim, k]) => {
    assertEqual(nearest(train, test, dim, k), naive(train, test, dim, k));
  }));
});

Deno.test("nearest() equals a sort of all similarities where rows fill several blocks and a part of one", () => {
  for (const [N, M, dim, k] of [[300, 130, 24, 20], [129, 65, 7, 129], [128, 64, 3, 1], [1, 1, 1, 1]]) {
    const train = normals(N * dim, 1), test = normals(M * dim, 2);
    assertEqual(nearest(train, test, dim, k), naive(train, test, dim, k), `${N} x ${M} x ${dim}`);
  }
});

Deno.test("knnVotes() adds exp(cosine / temperature) of the k nearest", () => {
  const train = Float32Array.of(2, 0, 0, 5, -1, 0, 3, 3), labels = [2, 1, 0, 1];
  // Cosines with (1, 0): 1, 0, -1, sqrt(1/2).
  const votes = (
    k: number,
  ) => [...knnVotes(train, labels, Float32Array.of(9, 0), { k, temperature: 0.5, numClasses: 3 })];
  const half = Math.exp(2 * Math.SQRT1_2);
  const wanted = [[0, 0, Math.exp(2)], [0, half, Math.exp(2)], [0, half + 1, Math.exp(2)]];
  [...wanted, [Math.exp(-2), half + 1, Math.exp(2)]].forEach((expected, i) =>
    // Doubles of about 10.
    expected.forEach((vote, c) => assertAlmostEqual(votes(i + 1)[c], vote, 1e-14, `k = ${i + 1}, class ${c}`))
  );
});

Deno.test("knnVotes() does not depend on the order of the training set, nor on the length of a feature", () => {
  const N = 150, M = 70, dim = 12, train = normals(N * dim, 3), test = normals(M * dim, 4), labels = labelsOf(N);
  const votes = knnVotes(train, labels, test, OPTIONS);
  assertTrue(new Set(votes).size > M, "votes hardly differ");
  const permutation = fc.shuffledSubarray([...labels.keys()], { minLength: N });
  fc.assert(
    fc.property(permutation, (order) => {
      const moved = Float32Array.from(order.flatMap((row) => [...train.subarray(row * dim, (row + 1) * dim)]));
      assertEqual(knnVotes(moved, order.map((row) => labels[row]), test, OPTIONS), votes);
    }),
    { numRuns: 10 },
  );
  // Powers of two: nothing is rounded.
  const longer = train.map((value, i) => value * 2 ** (Math.floor(i / dim) % 9 - 4));
  assertEqual(knnVotes(longer, labels, test.map((value) => value / 8), OPTIONS), votes);
});

Deno.test("knnVotes() of each test row is its own: any order, one by one or together", () => {
  const N = 90, M = 70, dim = 6, train = normals(N * dim, 5), test = normals(M * dim, 6), labels = labelsOf(N);
  const votes = knnVotes(train, labels, test, OPTIONS);
  for (let m = 0; m < M; m++) {
    const alone = knnVotes(train, labels, test.slice(m * dim, (m + 1) * dim), OPTIONS);
    assertEqual(alone, votes.slice(4 * m, 4 * m + 4), `row ${m}`);
  }
});

Deno.test("votesOf() takes the k nearest of neighbours found for a larger k", () => {
  const N = 90, dim = 6, train = normals(N * dim, 5), test = normals(20 * dim, 6), labels = labelsOf(N);
  const many = nearest(train, test, dim, 50);
  for (const k of [1, 5, 50]) {
    assertEqual(votesOf(many, labels, { ...OPTIONS, k }), knnVotes(train, labels, test, { ...OPTIONS, k }), `k = ${k}`);
  }
});

Deno.test("nearest() and votesOf() name what does not fit", async () => {
  const train = Float32Array.of(1, 0, 0, 1), test = Float32Array.of(1, 1);
  await assertRejects(() => nearest(train, test, 2, 3), "Cannot find neighbours: k is 3, want 1 to 2");
  await assertRejects(() => nearest(train, test, 2, 0), "k is 0, want 1 to 2");
  await assertRejects(() => nearest(train, test, 3, 1), "4 and 2 values are no rows of 3");
  await assertRejects(() => knnVotes(train, [0, 1, 2], test, OPTIONS), "are no rows of 1.33");
  await assertRejects(() => nearest(Float32Array.of(1, 0, 0, NaN), test, 2, 1), "feature row 1 holds NaN, want finite");
  await assertRejects(() => nearest(train, Float32Array.of(-Infinity, 1), 2, 1), "feature row 0 holds -Infinity");
  const found = nearest(train, test, 2, 2);
  await assertRejects(() => votesOf(found, [0, 1], { ...OPTIONS, k: 3 }), "k is 3, there are 2 neighbours");
  await assertRejects(() => votesOf(found, [0, 4], { ...OPTIONS, k: 2 }), "label 4, want 0 to 3");
});

Deno.test("topAccuracy() counts labels among the best, and ties against them", () => {
  const scores = [5, 3, 1, /**/ 1, 3, 5, /**/ 2, 2, 0, /**/ NaN, 1, 2], labels = [0, 1, 0, 0];
  assertEqual([1, 2, 3].map((places) => topAccuracy(scores, labels, 3, places)), [25, 75, 100]);
  assertEqual(topAccuracy([0, 0], [0], 2, 1), 0, "constant scores are never right");
});

const CONFIG = { featureDim: 6, numClasses: 3 }, BATCH = 5;
const PROGRAM = linearProbeProgram(CONFIG, BATCH), NAMES = PROGRAM.parameters.map(({ name }) => name);

/** Features, the last of which hardly varies, so that eps shows; soft targets. */
function example() {
  const features = normals(BATCH * 6, 7).map((value, i) => i % 6 === 5 ? 1e-3 * value : 2 * value + i % 6);
  const targets = Float32Array.from([[1, 0, 0], [0, 0.25, 0.75], [0.5, 0.5, 0], [0, 1, 0], [0.1, 0.2, 0.7]].flat());
  return { features, targets };
}

/** The head in double precision: statistics of the batch, logits and loss. */
function twin(weight: ArrayLike<number>, bias: ArrayLike<number>) {
  const { features, targets } = example(), { featureDim: D, numClasses: C } = CONFIG;
  const column = (d: number) => Array.from({ length: BATCH }, (_, b) => features[b * D + d]);
  const mean = Array.from({ length: D }, (_, d) => column(d).reduce((sum, x) => sum + x, 0) / BATCH);
  const variance = mean.map((m, d) => column(d).reduce((sum, x) => sum + (x - m) ** 2, 0) / BATCH);
  let loss = 0;
  const logits = Array.from({ length: BATCH }, (_, b) => {
    const row = Array.from({ length: C }, (_, c) =>
      mean.reduce((sum, m, d) => {
        return sum + weight[c * D + d] * (features[b * D + d] - m) / Math.sqrt(variance[d] + 1e-6);
      }, bias[c]));
    const sum = row.reduce((total, logit) => total + Math.exp(logit), 0);
    row.forEach((logit, c) => loss -= targets[b * C + c] * (logit - Math.log(sum)) / BATCH);
    return row;
  }).flat();
  return { mean, variance, logits, loss };
}

for (const engine of [compiled, eager]) {
  const { name } = engine.info;
  Deno.test(`linearProbeProgram() is batch normalisation, linear layer and cross-entropy: ${name}`, async () => {
    const arena = randomArena(PROGRAM), { outputs } = await runOnce(engine, PROGRAM, arena, example(), NAMES);
    const expected = twin(arena.view("head.1.weight"), arena.view("head.1.bias"));
    assertTrue(expected.variance[5] < 3e-6, "the last feature varies too much for eps to show");
    // Float32 sums of features of up to 10 and of logits of about 3.
    assertAlmostEqual(outputs.loss[0], expected.loss, 5e-6, "loss");
    expected.mean.forEach((mean, d) => assertAlmostEqual(outputs.mean[d], mean, 2e-6, `mean ${d}`));
    expected.variance.forEach((v, d) => assertAlmostEqual(outputs.variance[d], v, 1e-6 * v + 1e-9, `variance ${d}`));
  });

  Deno.test(`linearProbeProgram() has the gradients that finite differences give: ${name}`, async () => {
    const arena = randomArena(PROGRAM), { gradients } = await runOnce(engine, PROGRAM, arena, example(), NAMES);
    const weights = Object.fromEntries(NAMES.map((name) => [name, Float64Array.from(arena.view(name))]));
    const loss = () => twin(weights["head.1.weight"], weights["head.1.bias"]).loss;
    for (const name of NAMES) {
      weights[name].forEach((value, i) => {
        weights[name][i] = value + 1e-5;
        const above = loss();
        weights[name][i] = value - 1e-5;
        const slope = (above - loss()) / 2e-5;
        weights[name][i] = value;
        // Float32 sums over the batch; the differences themselves are good to 1e-9.
        assertAlmostEqual(gradients[name][i], slope, 2e-6, `${name} ${i}`);
      });
    }
    assertTrue(gradients["head.1.weight"].every((g) => Math.abs(g) > 1e-5), "a gradient is too small to tell");
  });

  Deno.test(`linearProbeInference() has the logits of the training form on the same statistics: ${name}`, async () => {
    const arena = randomArena(PROGRAM), { features } = example();
    const expected = twin(arena.view("head.1.weight"), arena.view("head.1.bias"));
    const feeds = { features, mean: Float32Array.from(expected.mean), variance: Float32Array.from(expected.variance) };
    const { outputs } = await runOnce(engine, linearProbeInference(CONFIG, BATCH), arena, feeds);
    // Float32 sums of about 3; the last feature is divided by 1e-3.
    expected.logits.forEach((logit, i) => assertAlmostEqual(outputs.logits[i], logit, 1e-5, `logit ${i}`));
  });
}

Deno.test("the compiled linear probe gives the same bits on one thread and on two", async () => {
  const config = { featureDim: 384, numClasses: 100 }, batch = 256, program = linearProbeProgram(config, batch);
  const names = program.parameters.map(({ name }) => name);
  const features = normals(batch * 384, 8), targets = new Float32Array(batch * 100);
  for (let b = 0; b < batch; b++) targets[b * 100 + b % 100] = 1;
  const [one, two] = await Promise.all(
    [new CompiledEngine(1), new CompiledEngine(2)].map((engine) =>
      runOnce(engine, program, randomArena(program, 0.1), { features, targets }, names)
    ),
  );
  assertEqual(two, one);
});

Deno.test("linearProbeParameters() start normal with deviation 0.01, the bias at 0", () => {
  const parameters = linearProbeParameters({ featureDim: 192, numClasses: 100 }), arena = new Arena(parameters);
  initialize(arena, parameters, 1);
  const weight = arena.view("head.1.weight"), count = sizeOf([100, 192]);
  // The deviation of 19,200 numbers is known to 1 / sqrt(2 * 19200) = 0.5 %; four of them. Cut at two it would be 0.0088.
  assertAlmostEqual(Math.sqrt(weight.reduce((sum, w) => sum + w * w, 0) / count), 0.01, 2e-4);
  assertEqual(arena.view("head.1.bias"), new Float32Array(100));
});

Deno.test("updateStatistics() gives the newest batch a tenth, its variance unbiased, and changes nothing handed in", async () => {
  const running = initialStatistics(2), batch = { mean: Float32Array.of(2, -4), variance: Float32Array.of(3, 0) };
  const next = updateStatistics(running, batch, 4);
  assertEqual(next, { mean: Float32Array.of(0.2, -0.4), variance: Float32Array.of(0.9 + 0.1 * 4, 0.9) });
  const after = updateStatistics(next, batch, 2);
  // Float32 numbers of about 1.
  assertAlmostEqual(after.mean[0], 0.9 * 0.2 + 0.1 * 2, 1e-7);
  assertAlmostEqual(after.variance[0], 0.9 * 1.3 + 0.1 * 6, 2e-7);
  assertEqual(running, { mean: new Float32Array(2), variance: Float32Array.of(1, 1) });
  assertEqual(BATCH_NORM, { eps: 1e-6, momentum: 0.1 });
  await assertRejects(() => updateStatistics(running, batch, 1), "the batch has 1 samples, want at least 2");
});

Deno.test("featuresOf() without a phase to start from are those of the weights with which fine-tuning from scratch starts", async () => {
  const model = { imageSize: 16, patchSize: 8, embedDim: 12, depth: 2, numHeads: 2, mlpRatio: 2 };
  const parameters = classifierParameters({ ...model, numClasses: 3 }), scratch = new Arena(parameters);
  initialize(scratch, parameters, 5);
  const images = proceduralDataset({ seed: 0, train: 6, test: 1, size: 16 }).train;
  const monitor = { step() {}, signal: new AbortController().signal };
  const work = { engine: new CompiledEngine(1), monitor };
  const features = (more: { seed: number; from?: Arena }) =>
    featuresOf(images, { model, pool: "mean", testCropRatio: 1 }, { ...work, ...more });
  const random = await features({ seed: 5 });
  assertEqual(random, await features({ seed: 0, from: scratch }));
  assertTrue(random.values.some((value) => value !== 0), "all features are 0");
  assertTrue(random.values.some((value, i) => value !== random.values[i % 12]), "all images have the same features");
  const others = await features({ seed: 6 });
  assertTrue(others.values.some((value, i) => value !== random.values[i]), "the seed changes nothing");
});
