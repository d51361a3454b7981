import * as tf from "@tensorflow/tfjs-core";
import { gatherRows, gelu, layerNorm, linear } from "../core/engine/ops.ts";
import type { Feeds, ParameterSpec, Program } from "../core/engine/program.ts";
import { classifierProgram } from "../core/models/classifier.ts";
import { localMimProgram } from "../core/methods/localmim/program.ts";
import { blockParameters } from "../core/models/parameters.ts";
import { invertOrder } from "../core/engine/rowOrder.ts";
import { attention, block } from "../core/models/vit.ts";
import { assertTrue, relativeNorm } from "./assert.ts";
import { compiled, eager, localMimExample, randomArena, randomFeeds, runOnce, TINY } from "./engineTools.ts";

/** A program whose loss weighs an expression's values by random numbers, so that every value has its own gradient. */
function weighted(
  parameters: ParameterSpec[],
  shape: number[],
  build: (p: (name: string) => tf.Tensor) => tf.Tensor,
): Program {
  return {
    parameters,
    inputs: { weights: { shape, dtype: "float32" } },
    build: (p, { weights }) => ({ loss: tf.sum(tf.mul(build(p), weights)) }),
  };
}

const x: ParameterSpec = { name: "x", shape: [6, 8] };
const affine = (from: number, to: number[]): ParameterSpec[] => [
  { name: "weight", shape: to.length ? [...to, from] : [from] },
  { name: "bias", shape: to.length ? to : [from] },
];
/** Rows of `x` by index. */
function gathered(index: number[]): Program {
  const taken = Int32Array.from(index);
  return weighted([x], [index.length, 8], (p) => {
    const inverse = tf.tensor1d(invertOrder(taken, 6), "int32");
    return gatherRows(p("x"), tf.tensor1d(taken, "int32"), inverse);
  });
}

const size = { batch: 2, tokens: 3, dim: 8, heads: 2 };
const classifier = classifierProgram({ ...TINY, depth: 2, numClasses: 5 }, 2);
const liveStages = [true, true, true, true];
const mim = localMimProgram({ config: TINY, batch: 2, liveStages, heads: "masked" });

const PROGRAMS: [name: string, program: Program, feeds?: Feeds][] = [
  [
    "linear",
    weighted([x, ...affine(8, [5])], [6, 5], (p) => linear(p("x"), p("weight"), p("bias"))),
  ],
  [
    "layerNorm",
    weighted([x, ...affine(8, [])], [6, 8], (p) => layerNorm(p("x"), p("weight"), p("bias"))),
  ],
  ["gelu", weighted([x], [6, 8], (p) => gelu(p("x")))],
  [
    "elementwise functions",
    weighted([x], [6, 8], (p) => {
      const above = tf.add(tf.square(p("x")), 1); // at least 1, where roots and logarithms are smooth
      return tf.addN([tf.exp(p("x")), tf.log(above), tf.sqrt(above), tf.rsqrt(above), tf.erf(p("x"))]);
    }),
  ],
  [
    "operands that are repeated along axes",
    weighted([x, { name: "row", shape: [8] }, { name: "column", shape: [6, 1] }], [6, 8], (p) => {
      const quotient = tf.div(tf.sub(p("x"), p("row")), tf.add(p("column"), 3));
      return tf.squaredDifference(tf.div(p("row"), tf.add(p("x"), 3)), tf.mul(quotient, p("column")));
    }),
  ],
  ["gatherRows, every row", gathered([4, 2, 5, 0, 3, 1])],
  ["gatherRows, some rows", gathered([5, 0, 2])],
  [
    "attention",
    weighted(
      [x, ...blockParameters("b", 8, 4).filter(({ name }) => name.startsWith("b.attn"))],
      [6, 8],
      (p) => attention(p, "b.attn", p("x"), size),
    ),
  ],
  [
    "block with drop path",
    weighted([x, ...blockParameters("b", 8, 2)], [6, 8], (p) => {
      const keep = [[0, 1.25], [1.25, 1.25]].map((factors) => tf.tensor3d(factors, [2, 1, 1]));
      return block(p, "b", p("x"), size, keep);
    }),
  ],
  ["classifier", classifier, {
    ...randomFeeds(classifier.inputs),
    targets: Float32Array.of(0.9, 0.1, 0, 0, 0, 0, 0, 0.25, 0, 0.75),
    keep: Float32Array.of(1, 1, 1, 1, 0, 1.25, 1.25, 1.25),
  }],
  ["LocalMIM, heads on masked tokens", mim, localMimExample(TINY, 2).feeds],
];

/** Index of the element farthest from 0. */
const largest = (values: ArrayLike<number>) =>
  Array.from(values).reduce((best, value, i) => Math.abs(value) > Math.abs(values[best]) ? i : best, 0);

for (const [name, program, given] of PROGRAMS) {
  // Weights of 0.3 keep activations near 1 through all blocks.
  const arena = randomArena(program, 0.3), feeds = given ?? randomFeeds(program.inputs);
  const names = arena.names();

  Deno.test(`CompiledEngine and EagerEngine agree on loss and gradients: ${name}`, async () => {
    const expected = await runOnce(eager, program, arena, feeds, names);
    const found = await runOnce(compiled, program, arena, feeds, names);
    assertTrue(relativeNorm(found.outputs.loss, expected.outputs.loss) < 1e-6, "loss");
    for (const parameter of names) {
      // Both sum hundreds of float32 numbers, in different orders, through up to eight blocks.
      const error = relativeNorm(found.gradients[parameter], expected.gradients[parameter]);
      assertTrue(error < 1e-5, `${parameter}: relative error ${error}`);
    }
  });

  Deno.test(`EagerEngine gives the gradients of finite differences of the compiled loss: ${name}`, async () => {
    const { gradients } = await runOnce(eager, program, arena, feeds, names);
    const step = await compiled.infer(program, arena);
    for (const parameter of names) {
      const gradient = gradients[parameter], at = largest(gradient), values = arena.view(parameter), start = values[at];
      const loss = async (change: number) => {
        values[at] = start + change;
        const { loss: [result] } = await step.run(feeds);
        values[at] = start;
        return result;
      };
      // Five-point rule. Its error is h^4 / 30 times the fifth derivative, 2e-7 at h = 0.05; the rounding of the loss,
      // about 1e-7 of its size, is divided by h.
      const h = 0.05, size = Math.abs(await loss(0)) + 1;
      const near = await loss(h) - await loss(-h), far = await loss(2 * h) - await loss(-2 * h);
      const slope = (8 * near - far) / (12 * h), error = Math.abs(slope - gradient[at]);
      assertTrue(
        error < 1e-3 * Math.abs(gradient[at]) + 4e-6 * size,
        `${parameter}[${at}]: ${gradient[at]}, difference ${slope}`,
      );
    }
    step.dispose();
  });
}
