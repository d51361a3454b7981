import fc from "fast-check";
import { Arena } from "../core/engine/arena.ts";
import { SimdKernels } from "../core/engine/simd.ts";
import { AdamW } from "../core/optim/adamwOptimizer.ts";
import { createOptimizer, type OptimizerConfig } from "../core/optim/createOptimizer.ts";
import { larsCoefficients } from "../core/optim/lars.ts";
import { Lars } from "../core/optim/larsOptimizer.ts";
import { type SgdCoefficients, sgdCoefficients, sgdReference } from "../core/optim/sgd.ts";
import { Sgd } from "../core/optim/sgdOptimizer.ts";
import { assertAlmostEqual, assertEqual, assertTrue } from "./assert.ts";
import { normals } from "./engineTools.ts";
import { STATE } from "./runState.ts";

const CONFIGS: OptimizerConfig[] = [
  { kind: "adamw", betas: [0.9, 0.95], eps: 1e-8 },
  { kind: "sgd", momentum: 0.9, nesterov: false },
  { kind: "sgd", momentum: 0.9, nesterov: true },
  { kind: "lars", momentum: 0.9, trust: 1e-3 },
];
const float = fc.float({ noNaN: true, noDefaultInfinity: true });
const share = fc.float({ min: 0, max: 1, noNaN: true });
const REGIONS = ["value", "moment1", "gradient"] as const;

/** A tensor's weight, momentum and gradient. */
const tensors = fc.integer({ min: 1, max: 37 }).chain((length) => {
  const array = fc.array(float, { minLength: length, maxLength: length }).map((list) => Float32Array.from(list));
  return fc.tuple(array, array, array);
});
const coefficients: fc.Arbitrary<SgdCoefficients> = fc.record({
  scale: share,
  decay: share,
  momentum: share,
  direct: share,
  carried: share,
  lr: share,
});

Deno.test("SimdKernels.sgd() equals sgdReference() bit for bit and leaves the second moment alone", async () => {
  await fc.assert(fc.asyncProperty(tensors, coefficients, async (values, settings) => {
    const arena = new Arena([{ name: "a", shape: [3] }, { name: "w", shape: [values[0].length] }]);
    REGIONS.forEach((region, i) => arena.view("w", region).set(values[i]));
    arena.view("w", "moment2").fill(7);
    (await SimdKernels.create(arena)).sgd([{ name: "w", coefficients: settings, from: "gradient" }]);
    const [value, moment, gradient] = values.map((list) => list.slice());
    sgdReference(value, moment, gradient, settings);
    // deepStrictEqual tells -0 from 0 and takes NaN for NaN.
    assertEqual(REGIONS.map((region) => arena.view("w", region).slice()), [value, moment, gradient]);
    assertEqual(arena.view("w", "moment2"), new Float32Array(value.length).fill(7));
    assertEqual(arena.view("a"), new Float32Array(3), "the neighbour changed");
  }));
});

for (const nesterov of [false, true]) {
  const title = nesterov ? "Nesterov" : "plain momentum";
  Deno.test(`Sgd follows SGD in float64, as PyTorch writes it, over 10 steps: ${title}`, async () => {
    const count = 200, lr = 0.1, weightDecay = 0.01, momentum = 0.9, start = normals(count, 1);
    const arena = new Arena([{ name: "w", shape: [count] }]), sgd = await Sgd.create(arena, { momentum, nesterov });
    arena.view("w").set(start);
    const w = Float64Array.from(start), buffer = new Float64Array(count);
    for (let step = 1; step <= 10; step++) {
      const gradient = normals(count, 10 + step);
      arena.view("w", "gradient").set(gradient);
      sgd.update([{ name: "w", lr, weightDecay }]);
      for (let i = 0; i < count; i++) {
        const d = gradient[i] + weightDecay * w[i];
        buffer[i] = step === 1 ? d : momentum * buffer[i] + d;
        w[i] -= lr * (nesterov ? d + momentum * buffer[i] : buffer[i]);
      }
    }
    for (let i = 0; i < count; i++) {
      assertTrue(Math.abs(w[i] - start[i]) > 1e-4, `weight ${i} hardly moved`);
      // Ten updates of weights and momenta of up to 10, each rounded to 6e-8 of itself.
      assertAlmostEqual(arena.view("w")[i], w[i], 1e-5, `weight ${i}`);
      assertAlmostEqual(arena.view("w", "moment1")[i], buffer[i], 1e-5, `momentum ${i}`);
    }
  });
}

Deno.test("Sgd gives the numbers that one computes by hand", async () => {
  // Weight 1, gradient 2, decay 0.5: the direction is 2.5; then 2 + 0.375 (or 2 + 0.2625) on top of 0.9 * 2.5.
  for (const [nesterov, first, second] of [[false, 0.75, 0.2875], [true, 0.525, -0.107375]] as const) {
    const arena = new Arena([{ name: "w", shape: [1] }]);
    const sgd = await Sgd.create(arena, { momentum: 0.9, nesterov });
    arena.view("w").set([1]);
    arena.view("w", "gradient").set([2]);
    sgd.update([{ name: "w", lr: 0.1, weightDecay: 0.5 }]);
    // Float32 numbers of about 1.
    assertAlmostEqual(arena.view("w")[0], first, 1e-6);
    sgd.update([{ name: "w", lr: 0.1, weightDecay: 0.5 }]);
    assertAlmostEqual(arena.view("w")[0], second, 1e-6);
  }
});

Deno.test("Lars scales and decays matrices only, as one computes by hand", async () => {
  const cases: [shape: number[], weightDecay: number, value: number[], expected: number[]][] = [
    // |w| = 5, |g| = 1: a direction of 0.001 * 5, the step twice that.
    [[1, 2], 0, [3, 4], [2.994, 3.992]],
    // The decay is part of the direction, whose length does not matter: g + 0.1 w is g times 1.5.
    [[1, 2], 0.1, [3, 4], [2.994, 3.992]],
    [[1, 2], 0.1, [-4, 3], [-4 - 0.01 * 0.2 / Math.hypot(0.2, 1.1), 3 - 0.01 * 1.1 / Math.hypot(0.2, 1.1)]],
    // A bias: no scaling, no decay.
    [[2], 0.1, [3, 4], [1.8, 2.4]],
    // Weights of length 0 have no length to go by.
    [[1, 2], 0, [0, 0], [-1.2, -1.6]],
  ];
  for (const [shape, weightDecay, value, expected] of cases) {
    const arena = new Arena([{ name: "w", shape }]), lars = await Lars.create(arena, { momentum: 0.9, trust: 1e-3 });
    arena.view("w").set(value);
    arena.view("w", "gradient").set([0.6, 0.8]);
    lars.update([{ name: "w", lr: 2, weightDecay }]);
    // Float32 weights of up to 4.
    expected.forEach((w, i) => assertAlmostEqual(arena.view("w")[i], w, 5e-7, `[${shape}] ${value}: weight ${i}`));
  }
  const zero = larsCoefficients({ momentum: 0.9, trust: 1e-3 }, Float32Array.of(1), new Float32Array(1), 2, 1, 0);
  assertEqual(zero.scale, 1, "a gradient of length 0 is not scaled");
});

Deno.test("createOptimizer() makes the optimiser that the config names", async () => {
  const arena = new Arena([{ name: "a", shape: [3] }]);
  const made = await Promise.all(CONFIGS.map((config) => createOptimizer(config, arena)));
  assertEqual(made.map(({ constructor }) => constructor), [AdamW, Sgd, Sgd, Lars]);
  assertEqual((made[2] as Sgd).options.nesterov, true);
});

for (const config of CONFIGS) {
  const title = JSON.stringify(config);
  Deno.test(`an optimiser gives the same bits on one thread and on three, in one bank and in two: ${title}`, async () => {
    const specs = [1, 4000, 17, 33_000, 16].map((size, k) => ({ name: `t${k}`, shape: [1, size] }));
    const arenas = [new Arena(specs), new Arena(specs), new Arena(specs, 4, 9), new Arena(specs, 4, 9)];
    assertEqual(arenas.map((arena) => arena.memories().length), [1, 1, 2, 2]);
    const optimizers = await Promise.all(
      arenas.map((arena, k) => createOptimizer(config, arena, undefined, [1, 3, 1, 3][k])),
    );
    try {
      for (let step = 1; step <= 3; step++) {
        arenas.forEach((arena, k) => {
          specs.forEach(({ name, shape }, t) => {
            if (step === 1) arena.view(name).set(normals(shape[1], 100 + t));
            arena.view(name, "gradient").set(normals(shape[1], 10 * step + t));
          });
          // The last tensor is not named: it stays as it is.
          optimizers[k].update(specs.slice(0, 4).map(({ name }) => ({ name, lr: 0.1, weightDecay: 0.05 })), step);
        });
      }
      const state = (arena: Arena) => arena.names().map((name) => STATE.map((region) => arena.view(name, region)));
      for (const arena of arenas.slice(1)) assertEqual(state(arena), state(arenas[0]));
      const moved = arenas[1].view("t3", "moment1").filter((momentum) => momentum !== 0).length;
      assertEqual(moved, 33_000, "weights of the tensor that is cut in three");
      assertEqual(arenas[1].view("t4"), normals(16, 104), "the tensor that is not named moved");
    } finally {
      for (const one of optimizers) one.dispose();
    }
  });

  Deno.test(`an optimiser takes the mean of the gradients of all passes: ${title}`, async () => {
    const specs = [{ name: "m", shape: [2, 8] }, { name: "b", shape: [16] }], names = ["m", "b"];
    const whole = new Arena(specs), parts = new Arena(specs, 5);
    const alone = await createOptimizer(config, whole);
    const shared = await createOptimizer(config, parts, { own: 4, total: 4 });
    assertEqual([alone.source, shared.source], ["gradient", "sum"]);
    for (const name of names) {
      for (const arena of [whole, parts]) arena.view(name).set(normals(16, 1));
      // Powers of two, so that no sum is rounded.
      whole.view(name, "gradient").fill(3);
      for (let pass = 0; pass < 4; pass++) {
        parts.view(name, "gradient").fill([2, 4, 8, -2][pass]);
        shared.accumulate([name], pass);
      }
    }
    for (const one of [alone, shared]) one.update(names.map((name) => ({ name, lr: 0.1, weightDecay: 0.1 })), 1);
    for (const name of names) assertEqual(parts.view(name), whole.view(name), name);
    assertTrue(whole.view("b").every((w, i) => w < normals(16, 1)[i]), "a weight did not move down");
  });
}

Deno.test("sgdCoefficients() of momentum 0 is gradient descent", () => {
  const value = Float32Array.of(1, -2), moment = Float32Array.of(5, 5), gradient = Float32Array.of(0.5, 4);
  sgdReference(value, moment, gradient, sgdCoefficients({ momentum: 0, nesterov: false }, 0.5, 0));
  assertEqual([...value], [0.75, -4]);
});
