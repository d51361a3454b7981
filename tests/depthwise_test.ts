import * as tf from "@tensorflow/tfjs-core";
import { depthwiseConv } from "../core/engine/depthwise.ts";
import { NCHWC } from "../core/engine/lower/builder.ts";
import { lower } from "../core/engine/lower/lower.ts";
import type { Program } from "../core/engine/program.ts";
import { DEPTHWISE_SHAPE_RULES } from "../core/engine/trace/depthwiseKernels.ts";
import { trace } from "../core/engine/tracer.ts";
import { assertAlmostEqual, assertEqual } from "./assert.ts";
import { compiled, eager, randomArena, runOnce } from "./engineTools.ts";

/** Images, sides, channels and kernel. */
interface Shape {
  n: number;
  h: number;
  w: number;
  c: number;
  k: number;
}

/** Channels that fill blocks of 8 and 16, and channels that fill none; sides smaller than the kernel. */
const SHAPES: Shape[] = [
  { n: 3, h: 6, w: 4, c: 32, k: 5 },
  { n: 2, h: 4, w: 7, c: 10, k: 3 },
  { n: 1, h: 2, w: 2, c: 16, k: 5 },
];
const NAMES = ["image", "weight", "bias"];

/** The image as a parameter, so that its gradient is among the results; every pixel weighs differently in the loss. */
function program({ n, h, w, c, k }: Shape): Program {
  const weights = Array.from({ length: n * h * w * c }, (_, i) => Math.sin(i + 1));
  return {
    parameters: [
      { name: "image", shape: [n, h, w, c] },
      { name: "weight", shape: [c, 1, k, k] },
      { name: "bias", shape: [c] },
    ],
    inputs: {},
    build(p) {
      const value = depthwiseConv(p("image"), p("weight"), p("bias"));
      return { loss: tf.sum(tf.mul(tf.square(value), tf.tensor(weights, [n, h, w, c]))), value };
    },
  };
}

/** Result and loss by the definition, in double precision. */
function twin({ n, h, w, c, k }: Shape, { image, weight, bias }: Record<string, Float64Array>) {
  const value = new Float64Array(n * h * w * c), half = (k - 1) / 2;
  let loss = 0;
  for (let i = 0; i < value.length; i++) {
    const channel = i % c,
      x = Math.floor(i / c) % w,
      y = Math.floor(i / c / w) % h,
      first = Math.floor(i / c / w / h) * h;
    value[i] = bias[channel];
    for (let u = 0; u < k; u++) {
      for (let v = 0; v < k; v++) {
        const [row, column] = [y + u - half, x + v - half];
        if (row < 0 || row >= h || column < 0 || column >= w) continue;
        value[i] += weight[(channel * k + u) * k + v] * image[((first + row) * w + column) * c + channel];
      }
    }
    loss += Math.sin(i + 1) * value[i] ** 2;
  }
  return { value, loss };
}

for (const engine of [compiled, eager]) {
  for (const shape of SHAPES) {
    const { n, h, w, c, k } = shape;
    Deno.test(`depthwiseConv() of ${n} x ${h} x ${w} x ${c} by ${k} x ${k}: ${engine.info.name}`, async () => {
      const arena = randomArena(program(shape)), found = await runOnce(engine, program(shape), arena, {}, NAMES);
      const values = Object.fromEntries(NAMES.map((name) => [name, Float64Array.from(arena.view(name))]));
      const expected = twin(shape, values);
      // Float32 sums of up to 25 products of normal numbers.
      expected.value.forEach((value, i) => assertAlmostEqual(found.outputs.value[i], value, 1e-5, `pixel ${i}`));
      for (const name of NAMES) {
        // A prime step meets every channel and tap of the weight; the loss is quadratic, so central differences are exact.
        for (let i = 0; i < values[name].length; i += name === "image" ? 7 : 1) {
          const start = values[name][i];
          const loss = (change: number) => {
            values[name][i] = start + change;
            return twin(shape, values).loss;
          };
          const slope = loss(0.5) - loss(-0.5);
          values[name][i] = start;
          // Sums of up to 72 float32 numbers of about 10.
          assertAlmostEqual(found.gradients[name][i], slope, 2e-4, `${name} ${i}`);
        }
      }
      // Taps that reach a pixel of the image from another one.
      const reached = c * Math.min(k, 2 * h - 1) * Math.min(k, 2 * w - 1);
      assertEqual(found.gradients.weight.filter((g) => Math.abs(g) > 1e-6).length, reached, "taps with a gradient");
    });
  }
}

Deno.test("depthwise convolutions run on blocked tensors where channels fill blocks, else on plain ones", async () => {
  const domains = async (shape: Shape, blockSize: number) => {
    const { graph, outputs } = await trace(program(shape), NAMES);
    return lower(graph, outputs, blockSize).nodes.filter(({ op }) => op === "Conv").map(({ domain }) => domain);
  };
  // Forward pass, gradient to the image, gradient to the weight.
  assertEqual(await domains(SHAPES[0], 16), [NCHWC, NCHWC, NCHWC]);
  assertEqual(await domains(SHAPES[1], 16), ["", "", ""]);
  assertEqual(await domains(SHAPES[0], 0), ["", "", ""]);
});

Deno.test("the tests above use every kernel of depthwise convolutions", async () => {
  const { graph } = await trace(program(SHAPES[0]), NAMES), seen = new Set(graph.nodes.map(({ kernel }) => kernel));
  assertEqual(DEPTHWISE_SHAPE_RULES.flatMap(([names]) => names.split(" ")).filter((kernel) => !seen.has(kernel)), []);
});
