import * as tf from "@tensorflow/tfjs-core";
import { Arena } from "../core/engine/arena.ts";
import { CompiledEngine } from "../core/engine/compiled.ts";
import { lower } from "../core/engine/lower/lower.ts";
import { gelu, layerNorm, linear } from "../core/engine/ops.ts";
import type { InputSpec, Program } from "../core/engine/program.ts";
import { TRACE_BACKEND } from "../core/engine/trace/backend.ts";
import { CONV_SHAPE_RULES } from "../core/engine/trace/convKernels.ts";
import { DEPTHWISE_SHAPE_RULES } from "../core/engine/trace/depthwiseKernels.ts";
import { trace } from "../core/engine/tracer.ts";
import { assertEqual, assertRejects, assertTrue, relativeNorm } from "./assert.ts";
import { compiled, eager, randomArena, randomFeeds, runOnce } from "./engineTools.ts";

type Build = (...inputs: tf.Tensor[]) => tf.Tensor;
type Case = [what: string, shapes: number[][], build: Build];

const positive = (x: tf.Tensor) => tf.add(tf.abs(x), 0.5);
/** A value that the compiled engine keeps smaller than its shape: [B, 1, 4] spread over [B, 3, 4]. */
const spread = (x: tf.Tensor) => tf.mul(x, tf.ones([2, 3, 4]));
const rows = (x: tf.Tensor) => tf.reshape(x, [-1, x.shape.at(-1)!]) as tf.Tensor2D;

const BINARY: Record<string, Build> = {
  Add: tf.add,
  Sub: tf.sub,
  Multiply: tf.mul,
  RealDiv: (a, b) => tf.div(a, positive(b)),
  Maximum: tf.maximum,
  Minimum: tf.minimum,
  Pow: (a, b) => tf.pow(positive(a), b),
  SquaredDifference: tf.squaredDifference,
};
const binary = Object.entries(BINARY).flatMap(([name, build]): Case[] => [
  [name, [[2, 3], [2, 3]], build],
  [`${name}, rows and columns spread`, [[2, 1], [1, 3]], build],
  [`${name}, of another rank`, [[4], [2, 3, 4]], build],
  [`${name}, a scalar on the left`, [[2, 3]], (x) => build(tf.scalar(1.5), x)],
]);

const UNARY: Record<string, Build> = {
  Neg: tf.neg,
  Exp: tf.exp,
  Log: (x) => tf.log(positive(x)),
  Sqrt: (x) => tf.sqrt(positive(x)),
  Rsqrt: (x) => tf.rsqrt(positive(x)),
  Square: tf.square,
  Erf: tf.erf,
  Tanh: tf.tanh,
  Sigmoid: tf.sigmoid,
  Relu: tf.relu,
  Abs: tf.abs,
  Reciprocal: (x) => tf.reciprocal(positive(x)),
  ZerosLike: (x) => tf.add(tf.zerosLike(x), x),
  OnesLike: (x) => tf.add(tf.onesLike(x), x),
  Identity: (x) => tf.clone(x),
  Gelu: gelu,
};
const unary = Object.entries(UNARY).flatMap(([name, build]): Case[] => [
  [name, [[2, 3, 4]], build],
  [`${name}, of a spread value`, [[2, 1, 4]], (x) => build(spread(x))],
]);

const REDUCTIONS = { Sum: tf.sum, Mean: tf.mean, Max: tf.max };
const reductions = Object.entries(REDUCTIONS).flatMap(([name, reduce]) =>
  [[0], [1], [-1], [0, 2], [0, 1, 2], []].flatMap((axes) =>
    [true, false].flatMap((keepDims): Case[] => [
      [`${name}, axes [${axes}], keepDims ${keepDims}`, [[2, 3, 4]], (x) => reduce(x, axes, keepDims)],
      [`${name}, axes [${axes}], spread`, [[2, 1, 4]], (x) => reduce(spread(x), axes, keepDims)],
    ])
  )
);

const matrices = [true, false].flatMap((a) =>
  [true, false].flatMap((b): Case[] => {
    const left = a ? [4, 3] : [3, 4], right = b ? [5, 4] : [4, 5];
    const build: Build = (x, y) => tf.matMul(x as tf.Tensor2D, y as tf.Tensor2D, a, b);
    return [
      [`BatchMatMul, 2-D, transposed ${a} ${b}`, [left, right], build],
      [`BatchMatMul, 3-D, transposed ${a} ${b}`, [[2, ...left], [2, ...right]], build],
      [`BatchMatMul, one left matrix for all, transposed ${a} ${b}`, [[1, ...left], [2, ...right]], build],
    ];
  })
);

const moves: Case[] = [
  ["Transpose, 2-D", [[2, 3]], (x) => tf.transpose(x)],
  ["Transpose, 5-D as in attention", [[2, 3, 3, 2, 4]], (x) => tf.transpose(x, [2, 0, 3, 1, 4])],
  ["Transpose, no change", [[2, 3]], (x) => tf.transpose(x, [0, 1])],
  ["Transpose, spread", [[2, 1, 4]], (x) => tf.transpose(spread(x), [1, 2, 0])],
  ["Reshape", [[2, 3, 4]], (x) => tf.reshape(x, [6, -1])],
  ["Reshape, spread", [[2, 1, 4]], (x) => tf.reshape(spread(x), [3, 8])],
  ["Reshape, of a constant", [[3, 8]], (x) => tf.add(x, tf.reshape(tf.fill([2, 12], 0.7), [3, 8]))],
  ["Tile", [[2, 3]], (x) => tf.tile(x, [3, 2])],
  ["Tile, spread", [[2, 1, 4]], (x) => tf.tile(spread(x), [1, 2, 1])],
  ["SplitV, equal parts", [[2, 6]], (x) => tf.concat(tf.split(x, 3, 1).reverse(), 0)],
  ["SplitV, sizes", [[2, 6]], (x) => tf.concat(tf.split(x, [1, 3, 2], 1).reverse(), 1)],
  ["SplitV, spread", [[2, 1, 4]], (x) => tf.concat(tf.split(spread(x), [2, 1], 1).reverse(), 1)],
  ["SplitV, last axis", [[2, 6]], (x) => tf.concat(tf.split(x, [1, 5], -1).reverse(), 1)],
  ["Concat, first axis", [[2, 3], [1, 3]], (x, y) => tf.concat([x, y], 0)],
  ["Concat, last axis", [[2, 3], [2, 1]], (x, y) => tf.concat([x, y], -1)],
  ["Concat, spread and constant", [[2, 1, 4]], (x) => tf.concat([spread(x), tf.zeros([2, 2, 4])], 1)],
  ["GatherV2", [[4, 3]], (x) => tf.gather(x, tf.tensor1d([3, 0, 3], "int32"))],
  ["GatherV2, axis 1", [[4, 3]], (x) => tf.gather(x, tf.tensor1d([2, 0], "int32"), 1)],
  ["GatherV2, last axis", [[4, 3]], (x) => tf.gather(x, tf.tensor1d([2, 0], "int32"), -1)],
  ["GatherV2, matrix of indices", [[4, 3]], (x) => tf.gather(x, tf.tensor2d([[3, 0], [1, 1]], [2, 2], "int32"))],
  ["GatherV2, indices from zerosLike", [[4, 3]], (x) => tf.gather(x, tf.zerosLike(tf.tensor1d([2, 1], "int32")))],
  ["GatherV2, filled indices", [[4, 3]], (x) => tf.gather(x, tf.fill([2], 3, "int32") as tf.Tensor1D)],
  ["Cast, to int32 and back", [[4, 5]], (x) => tf.cast(tf.cast(tf.mul(x, 3), "int32"), "float32")],
  ["Cast, no change", [[2, 3]], (x) => tf.cast(x, "float32")],
  ["Fill", [[2, 3]], (x) => tf.mul(x, tf.fill([2, 3], -0.3))],
  ["Fill, as the output", [[1]], () => tf.fill([2, 3], 0.7)],
  ["AddN", [[2, 3], [2, 3], [2, 3]], (...list) => tf.addN(list)],
  ["AddN, spread", [[2, 1, 4], [2, 3, 4]], (x, y) => tf.addN([spread(x), y, spread(x)])],
  ["Softmax", [[2, 3, 4]], (x) => tf.softmax(x)],
  ["Softmax, spread", [[2, 1, 4]], (x) => tf.softmax(spread(x))],
  ["logSoftmax", [[3, 4]], (x) => tf.logSoftmax(x)],
  ["Linear", [[5, 4], [3, 4], [3]], linear],
  ["Linear, spread", [[2, 1, 4], [5, 4], [5]], (x, w, b) => linear(rows(spread(x)), w, b)],
  ["LayerNorm", [[5, 4], [4], [4]], (x, w, b) => layerNorm(x, w, b)],
  ["LayerNorm, large eps", [[5, 4], [4], [4]], (x, w, b) => layerNorm(x, w, b, 0.3)],
  ["LayerNorm, spread", [[2, 1, 4], [4], [4]], (x, w, b) => layerNorm(rows(spread(x)), w, b)],
];

function programOf(shapes: number[][], build: Build): Program {
  const inputs = Object.fromEntries(
    shapes.map((shape, i): [string, InputSpec] => [`x${i}`, { shape, dtype: "float32" }]),
  );
  return { parameters: [], inputs, build: (_, given) => ({ out: build(...Object.values(given)) }) };
}

const CASES = [...binary, ...unary, ...reductions, ...matrices, ...moves];

// Single operators over at most 60 numbers: a few roundings of 6e-8 each; Erf and Exp are approximations good to 1e-6.
const TOLERANCE = 3e-6;

Deno.test("lower() gives each kernel the values of tfjs's cpu backend", async () => {
  for (const [what, shapes, build] of CASES) {
    const program = programOf(shapes, build), arena = randomArena(program), feeds = randomFeeds(program.inputs);
    const { outputs: { out: expected } } = await runOnce(eager, program, arena, feeds);
    const { outputs: { out } } = await runOnce(compiled, program, arena, feeds);
    assertEqual(out.length, expected.length, what);
    assertTrue(expected.some((value) => value !== 0), `${what}: nothing but zeros`);
    const error = relativeNorm(out, expected);
    assertTrue(error <= TOLERANCE, `${what}: relative error ${error}`);
  }
});

Deno.test("lower() is tested on every kernel of the recording backend", async () => {
  // Those of convolutional networks are tested in convOps_test.ts, those of depthwise convolutions in depthwise_test.ts.
  const elsewhere = [...CONV_SHAPE_RULES, ...DEPTHWISE_SHAPE_RULES];
  const seen = new Set(elsewhere.flatMap(([names]) => names.split(" ")));
  for (const [, shapes, build] of CASES) {
    for (const { kernel } of (await trace(programOf(shapes, build), [])).graph.nodes) seen.add(kernel);
  }
  const program = { ...programOf([[2, 3]], gelu), parameters: [{ name: "p", shape: [1] }] };
  program.build = (p, { x0 }) => ({ loss: tf.sum(gelu(tf.mul(x0, p("p")))) });
  for (const { kernel } of (await trace(program, ["p"])).graph.nodes) seen.add(kernel);
  const registered = tf.getKernelsForBackend(TRACE_BACKEND).map(({ kernelName }) => kernelName);
  assertEqual(registered.filter((kernel) => !seen.has(kernel)), []);
});

Deno.test("lower() computes an operator once, however often it is written", async () => {
  const { graph, outputs } = await trace(programOf([[2, 3]], (x) => tf.add(tf.exp(x), tf.exp(x))), []);
  assertEqual(graph.nodes.map(({ kernel }) => kernel), ["Exp", "Exp", "Add"]);
  assertEqual(lower(graph, outputs).nodes.map(({ op }) => op), ["Exp", "Add"]);
});

Deno.test("lower() leaves out what no output depends on", async () => {
  const { graph, outputs } = await trace(
    programOf([[2, 3], [2, 3]], (x, y) => {
      tf.tanh(y);
      return tf.exp(x);
    }),
    [],
  );
  const model = lower(graph, outputs);
  assertEqual(model.nodes.map(({ op }) => op), ["Exp"]);
  assertEqual(model.inputs.map(({ name }) => name), ["x0"]);
});

Deno.test("softmax gives 0 for shares that no sum of shares shows, and no denormal number to its gradient", async () => {
  const program: Program = {
    parameters: [{ name: "scores", shape: [1, 5] }],
    inputs: { values: { shape: [5, 1], dtype: "float32" } },
    build(p, { values }) {
      const shares = tf.softmax(p("scores"), -1);
      return { shares, loss: tf.sum(tf.matMul(shares as tf.Tensor2D, values as tf.Tensor2D)) };
    },
  };
  const arena = new Arena(program.parameters), scores = [0, -30, -45, -60, -95];
  arena.view("scores").set(scores);
  const { outputs: { shares }, gradients } = await runOnce(compiled, program, arena, {
    values: Float32Array.of(1, 2, 3, 4, 5),
  }, ["scores"]);
  // exp(-30) is 9e-14 and exp(-45) 3e-20; exp(-60) is 9e-27, and exp(-95) 6e-42, a denormal number.
  [0, 1, 2].forEach((i) =>
    assertTrue(Math.abs(shares[i] / Math.exp(scores[i]) - 1) < 1e-5, `share ${i}: ${shares[i]}`)
  ); // float32
  assertEqual([...shares.slice(3)], [0, 0]);
  const smallest = 2 ** -126, { scores: gradient } = gradients;
  assertTrue(gradient.every((value) => value === 0 || Math.abs(value) >= smallest), `${gradient}`);
  assertTrue(gradient[2] > 0, "the gradient of a share that counts");
});

Deno.test("CompiledEngine gives outputs that are one value, an input or a constant", async () => {
  const program: Program = {
    parameters: [{ name: "a", shape: [2, 3] }, { name: "b", shape: [2, 3] }],
    inputs: { x: { shape: [2, 3], dtype: "float32" } },
    build: (p, { x }) => {
      const y = tf.exp(x);
      return { y, again: y, same: x, three: tf.scalar(3), loss: tf.sum(tf.add(p("a"), tf.sub(p("b"), y))) };
    },
  };
  const arena = randomArena(program), feeds = randomFeeds(program.inputs);
  const expected = await runOnce(eager, program, arena, feeds, ["a", "b"]);
  const found = await runOnce(compiled, program, arena, feeds, ["a", "b"]);
  assertEqual(Object.keys(found.outputs).sort(), Object.keys(expected.outputs).sort());
  for (const [name, values] of Object.entries(expected.outputs)) {
    assertTrue(relativeNorm(found.outputs[name], values) < TOLERANCE, name);
  }
  // Both gradients are the same ones.
  assertEqual(found.gradients, { a: new Float32Array(6).fill(1), b: new Float32Array(6).fill(1) });
});

Deno.test("CompiledEngine names a kernel that it cannot record", async () => {
  const program = programOf([[2, 3]], (x) => tf.cumsum(x));
  await assertRejects(() => new CompiledEngine(1).infer(program, randomArena(program)), "Cumsum");
});
