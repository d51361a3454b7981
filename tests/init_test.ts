import { Arena } from "../core/engine/arena.ts";
import { initialize, initialValues } from "../core/models/init.ts";
import { localMimParameters } from "../core/methods/localmim/parameters.ts";
import type { Init } from "../core/models/parameters.ts";
import { sincosPosEmbed2d } from "../core/models/posEmbed.ts";
import { assertAlmostEqual, assertEqual, assertTrue } from "./assert.ts";
import { TINY } from "./engineTools.ts";

const COUNT = 40000;

function moments(init: Init) {
  const values = initialValues(init, COUNT, 3, 0);
  const mean = values.reduce((a, b) => a + b) / COUNT;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / COUNT;
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { mean, deviation: Math.sqrt(variance), largest };
}

// Deviation of each rule, and the bound that values come close to but never pass. A normal number cut at two deviations
// has variance 1 - 4 phi(2) / (2 Phi(2) - 1) = 0.7737.
const RULES: [init: Init, deviation: number, bound: number][] = [
  [{ kind: "uniform", bound: 0.3 }, 0.3 / Math.sqrt(3), 0.3],
  [{ kind: "xavierUniform", fanIn: 10, fanOut: 14 }, 0.5 / Math.sqrt(3), 0.5],
  [{ kind: "normal", std: 0.02 }, 0.02, Infinity],
  [{ kind: "truncatedNormal", std: 2e-5 }, 2e-5 * Math.sqrt(0.7737), 4e-5],
];

for (const [init, deviation, bound] of RULES) {
  Deno.test(`initialValues() draws ${init.kind} with its moments and bounds`, () => {
    const found = moments(init);
    // Of 40,000 values the mean varies by 1/200 of a deviation and the deviation by at most 1/280 of itself; four of each.
    assertAlmostEqual(found.mean / deviation, 0, 4 / 200, "mean");
    assertAlmostEqual(found.deviation / deviation, 1, 4 / 280, "deviation");
    assertTrue(found.largest <= Math.fround(bound), `${found.largest} is beyond ${bound}`);
    // A normal number in 40,000 passes 3.5 deviations.
    assertTrue(found.largest > (bound < Infinity ? 0.999 * bound : 3.5 * deviation), `largest is ${found.largest}`);
  });
}

Deno.test("initialValues() fills constants and positions", () => {
  assertEqual(initialValues({ kind: "constant", value: 1 }, 3, 0, 0), new Float32Array([1, 1, 1]));
  assertEqual(initialValues({ kind: "sincos", dim: 8, grid: 2 }, 40, 0, 0), sincosPosEmbed2d(8, 2));
});

Deno.test("initialize() gives every tensor a stream of its own, and every seed other weights", () => {
  const parameters = localMimParameters(TINY),
    arenas = [1, 1, 2].map((seed) => {
      const arena = new Arena(parameters, 1);
      initialize(arena, parameters, seed);
      return arena;
    });
  for (const { name, init } of parameters) {
    const [first, again, other] = arenas.map((arena) => arena.view(name));
    assertEqual(first, again, name);
    if (init.kind !== "constant") assertTrue(first.every((value, i) => value !== other[i]), `${name} is the same`);
  }
  const [arena] = arenas, [one, two] = [0, 1].map((block) => arena.view(`blocks.${block}.attn.qkv.weight`));
  assertTrue(one.every((value, i) => value !== two[i]), "two blocks start alike");
});

Deno.test("localMimParameters() initialises as the official code does", () => {
  const inits = Object.fromEntries(localMimParameters(TINY).map(({ name, init }) => [name, init]));
  const xavier = (fanIn: number, fanOut: number) => ({ kind: "xavierUniform", fanIn, fanOut });
  const uniform = (fanIn: number) => ({ kind: "uniform", bound: 1 / Math.sqrt(fanIn) });
  const constant = (value: number) => ({ kind: "constant", value });
  const expected: Record<string, unknown> = {
    "cls_token": { kind: "normal", std: 0.02 },
    "patch_embed.proj.weight": xavier(192, 16),
    "patch_embed.proj.bias": uniform(192),
    // Queries, keys and values count as one matrix.
    "blocks.0.attn.qkv.weight": xavier(16, 48),
    "blocks.0.attn.qkv.bias": constant(0),
    "blocks.0.norm1.weight": constant(1),
    "norm.0.bias": constant(0),
    "decoder.0.mask_token": { kind: "normal", std: 0.02 },
    // PyTorch takes the fan-in of a ConvTranspose from its second axis: 8 outputs of 2 x 2.
    "decoder.0.pred.0.weight": uniform(32),
    "decoder.0.pred.0.bias": uniform(32),
    "decoder.0.pred.1.weight": constant(1),
    "decoder.0.pred.4.weight": uniform(4),
    "decoder.3.pred.1.bias": uniform(16),
  };
  for (const [name, init] of Object.entries(expected)) assertEqual<unknown>(inits[name], init, name);
});
