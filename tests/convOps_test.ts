import { Arena } from "../core/engine/arena.ts";
import { CompiledEngine } from "../core/engine/compiled.ts";
import {
  avgPool,
  batchNorm,
  concatChannels,
  conv2d,
  globalAvgPool,
  maxPool,
  relu,
  runningNorm,
} from "../core/engine/convOps.ts";
import { EagerEngine } from "../core/engine/eager.ts";
import type { Engine } from "../core/engine/engine.ts";
import { NCHWC } from "../core/engine/lower/builder.ts";
import { lower } from "../core/engine/lower/lower.ts";
import { encodeModel } from "../core/engine/onnx/encode.ts";
import { OrtSession, OrtTensor } from "../core/engine/ort/session.ts";
import { type Parameters, type ParameterSpec, type Program, sizeOf } from "../core/engine/program.ts";
import { CONV_SHAPE_RULES } from "../core/engine/trace/convKernels.ts";
import { GRADIENT, PARAMETER, trace } from "../core/engine/tracer.ts";
import { randomStream } from "../core/random/stream.ts";
import * as tf from "@tensorflow/tfjs-core";
import { assertAlmostEqual, assertEqual, assertTrue } from "./assert.ts";

/** A small network: what it reads, and its map or features from an image. */
interface Net {
  name: string;
  image: [number, number, number, number];
  parameters: ParameterSpec[];
  build(p: Parameters, x: tf.Tensor, statistics: Record<string, tf.Tensor>): tf.Tensor;
}

const norm = (name: string, channels: number): ParameterSpec[] => [
  { name: `${name}.weight`, shape: [channels] },
  { name: `${name}.bias`, shape: [channels] },
];
const conv = (name: string, out: number, into: number, size: number): ParameterSpec => ({
  name,
  shape: [out, into, size, size],
});

/** Normalises, and leaves the batch's statistics among the outputs. */
function normed(p: Parameters, name: string, x: tf.Tensor, statistics: Record<string, tf.Tensor>, rectified = true) {
  const { value, mean, variance } = batchNorm(x, p(`${name}.weight`), p(`${name}.bias`), { relu: rectified });
  statistics[`${name}.mean`] = mean;
  statistics[`${name}.variance`] = variance;
  return value;
}

/** Two pre-activation blocks, the second of which widens and halves: all forms of a wide residual network. */
const wide = (name: string, n: number, c: number, s: number): Net => ({
  name,
  image: [n, 3, s, s],
  parameters: [
    conv("stem", c, 3, 3),
    ...norm("n1", c),
    conv("c1", c, c, 3),
    ...norm("n2", c),
    conv("c2", c, c, 3),
    ...norm("n3", c),
    conv("c3", 2 * c, c, 3),
    ...norm("n4", 2 * c),
    conv("c4", 2 * c, 2 * c, 3),
    conv("short", 2 * c, c, 1),
    ...norm("n5", 2 * c),
  ],
  build(p, image, statistics) {
    const around = { padding: 1 };
    let x = conv2d(image, p("stem"), around);
    const a = normed(p, "n1", x, statistics), b = normed(p, "n2", conv2d(a, p("c1"), around), statistics);
    x = conv2d(b, p("c2"), around, x);
    const d = normed(p, "n3", x, statistics);
    const e = normed(p, "n4", conv2d(d, p("c3"), { stride: 2, padding: 1 }), statistics);
    x = conv2d(e, p("c4"), around, conv2d(d, p("short"), { stride: 2 }));
    return globalAvgPool(normed(p, "n5", x, statistics));
  },
});

/** Concatenation, pooling of both kinds, ReLU before the norm, a kernel that no block form fits. */
const dense: Net = {
  name: "dense: concatenation, pools, a 5 x 5 kernel",
  image: [4, 3, 16, 16],
  parameters: [
    conv("stem", 24, 3, 5),
    ...norm("n1", 24),
    conv("c1", 12, 24, 3),
    ...norm("n2", 36),
    conv("c2", 12, 36, 1),
    ...norm("n3", 48),
    conv("c3", 20, 48, 1),
    ...norm("n4", 20),
    conv("c4", 7, 20, 3),
  ],
  build(p, image, statistics) {
    let x = conv2d(image, p("stem"), { padding: 2 });
    x = concatChannels([x, conv2d(normed(p, "n1", x, statistics), p("c1"), { padding: 1 })]);
    x = concatChannels([x, conv2d(normed(p, "n2", x, statistics), p("c2"))]);
    x = avgPool(conv2d(normed(p, "n3", relu(x), statistics), p("c3")), 2);
    x = maxPool(conv2d(normed(p, "n4", x, statistics, false), p("c4"), { padding: 1 }), 2);
    return globalAvgPool(x);
  },
};

/** A map so large that the filter gradient is computed in bands of its rows, and one of a stride without. */
const bands: Net = {
  name: "maps in bands of rows",
  image: [2, 5, 32, 32],
  parameters: [conv("c1", 40, 5, 3), conv("c2", 6, 40, 3)],
  build: (p, image) =>
    globalAvgPool(conv2d(conv2d(image, p("c1"), { padding: 1 }), p("c2"), { stride: 2, padding: 1 })),
};

/** The net with a loss that weighs every feature differently. */
function program({ image, parameters, build }: Net): Program {
  return {
    parameters,
    inputs: { image: { shape: image, dtype: "float32" } },
    build(p, { image }) {
      const statistics: Record<string, tf.Tensor> = {}, features = build(p, image, statistics);
      const weights = tf.tensor(Array.from({ length: features.size }, (_, k) => Math.sin(k + 1)), features.shape);
      return { loss: tf.sum(tf.mul(weights, features)), features, ...statistics };
    },
  };
}

function filled(parameters: readonly ParameterSpec[]): Arena {
  const arena = new Arena(parameters);
  parameters.forEach(({ name }, k) => {
    const random = randomStream(7, "test", k), view = arena.view(name);
    const centre = name.endsWith(".weight") || name.endsWith(".var") ? 1 : 0;
    view.forEach((_, i) => view[i] = centre + 0.2 * random.normal());
  });
  return arena;
}

function imageOf({ inputs: { image: { shape } } }: Program): Float32Array<ArrayBuffer> {
  const random = randomStream(8, "test", 0);
  return Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.normal());
}

async function run(engine: Engine, wanted: Program, gradients: string[]) {
  const arena = filled(wanted.parameters), step = await engine.train(wanted, arena, gradients);
  const image = imageOf(wanted);
  const outputs = Object.fromEntries(Object.entries(await step.run({ image })).map(([name, v]) => [name, v.slice()]));
  step.dispose();
  const found = Object.fromEntries(gradients.map((name) => [name, arena.view(name, "gradient").slice()]));
  return { outputs, gradients: found };
}

/** The same on a processor for which ONNX Runtime has no operators on blocked tensors. */
async function runPlain(wanted: Program, gradients: string[]) {
  const arena = filled(wanted.parameters), { graph, outputs } = await trace(wanted, gradients);
  const model = lower(graph, outputs, 0), domains = new Set(model.nodes.map(({ domain }) => domain));
  assertTrue(!domains.has(NCHWC), "want no blocked tensors");
  const feeds = model.inputs.map(({ name, shape }): [string, OrtTensor] => [
    name,
    new OrtTensor(name === "image" ? imageOf(wanted) : arena.view(name.slice(PARAMETER.length)), shape),
  ]);
  const fetched = model.outputs.map(({ name, shape }): [string, OrtTensor] => [
    name,
    new OrtTensor(new Float32Array(sizeOf(shape)), shape),
  ]);
  const session = new OrtSession(encodeModel(model), { threads: 1 });
  await session.bind(new Map(feeds), new Map(fetched))();
  for (const [, tensor] of [...feeds, ...fetched]) tensor.dispose();
  session.dispose();
  const values = fetched.map(([name, { data }]): [string, Float32Array] => [name, data as Float32Array]);
  return {
    outputs: Object.fromEntries(values.filter(([name]) => !name.startsWith(GRADIENT))),
    gradients: Object.fromEntries(
      values.filter(([name]) => name.startsWith(GRADIENT)).map(([name, v]) => [name.slice(GRADIENT.length), v]),
    ),
  };
}

/** Largest difference relative to the largest value. */
function difference(a: Float32Array, b: Float32Array): number {
  assertEqual(a.length, b.length);
  let most = 0, largest = 0;
  a.forEach((value, i) => {
    most = Math.max(most, Math.abs(value - b[i]));
    largest = Math.max(largest, Math.abs(b[i]));
  });
  assertTrue(largest > 0, "a vacuous comparison: all values are 0");
  return most / largest;
}

const NETS = [
  wide("wide, whole blocks", 16, 16, 8),
  wide("wide, channels and images that fill no blocks", 3, 10, 8),
  bands,
  dense,
];

Deno.test("the networks of these tests use every kernel of convolutional networks", async () => {
  const seen = new Set<string>();
  for (const net of NETS) {
    const { graph } = await trace(program(net), net.parameters.map(({ name }) => name));
    graph.nodes.forEach(({ kernel }) => seen.add(kernel));
  }
  const kernels = CONV_SHAPE_RULES.flatMap(([names]) => names.split(" "));
  assertEqual(kernels.filter((kernel) => !seen.has(kernel)), []);
});

for (const net of NETS) {
  Deno.test(`the compiled engine, in blocks and without, computes what the eager one does: ${net.name}`, async () => {
    const names = net.parameters.map(({ name }) => name);
    const eager = await run(await EagerEngine.create("cpu"), program(net), names);
    for (const found of [await run(new CompiledEngine(1), program(net), names), await runPlain(program(net), names)]) {
      for (const [name, values] of Object.entries(eager.outputs)) {
        assertAlmostEqual(difference(found.outputs[name], values), 0, 2e-5, name); // sums in another order
      }
      for (const [name, values] of Object.entries(eager.gradients)) {
        assertAlmostEqual(difference(found.gradients[name], values), 0, 1e-4, name); // sums of thousands in another order
      }
    }
  });
}

Deno.test("a frozen norm behind a convolution is folded, and a frozen prefix gets no gradient", async () => {
  const net: Net = {
    name: "frozen",
    image: [2, 3, 8, 8],
    parameters: [
      conv("stem", 16, 3, 3),
      ...norm("n1", 16),
      { name: "n1.mean", shape: [16] },
      { name: "n1.var", shape: [16] },
      conv("c1", 16, 16, 3),
    ],
    build(p, image) {
      const running = { mean: p("n1.mean"), variance: p("n1.var") };
      const x = runningNorm(conv2d(image, p("stem"), { padding: 1 }), p("n1.weight"), p("n1.bias"), running, {
        relu: true,
      });
      return globalAvgPool(conv2d(x, p("c1"), { padding: 1 }));
    },
  };
  const eager = await run(await EagerEngine.create("cpu"), program(net), ["c1"]);
  const compiled = await run(new CompiledEngine(1), program(net), ["c1"]);
  assertAlmostEqual(difference(compiled.outputs.features, eager.outputs.features), 0, 2e-5); // sums in another order
  assertAlmostEqual(difference(compiled.gradients.c1, eager.gradients.c1), 0, 2e-5);
});
