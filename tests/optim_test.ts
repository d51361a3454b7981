import fc from "fast-check";
import { Arena } from "../core/engine/arena.ts";
import { SimdKernels } from "../core/engine/simd.ts";
import { dealJobs } from "../core/engine/simdJobs.ts";
import { classifierParameters } from "../core/models/classifier.ts";
import { VIT_PRESETS } from "../core/models/config.ts";
import { localMimParameters } from "../core/methods/localmim/parameters.ts";
import { type AdamWCoefficients, adamwCoefficients, adamwReference } from "../core/optim/adamw.ts";
import { decaysInFinetuning, decaysInPretraining, layerDecayFactor, scaleLr } from "../core/optim/groups.ts";
import { AdamW } from "../core/optim/adamwOptimizer.ts";
import { assertAlmostEqual, assertEqual, assertTrue } from "./assert.ts";
import { normals, TINY } from "./engineTools.ts";

const float = fc.float({ noNaN: true, noDefaultInfinity: true });
const share = fc.float({ min: 0, max: Math.fround(0.999), noNaN: true });
const positive = fc.float({ min: Math.fround(1e-12), max: 1, noNaN: true });

/** A tensor's weight, moments and gradient; the second moment is never negative. */
const tensors = fc.integer({ min: 1, max: 37 }).chain((length) => {
  const array = (values: fc.Arbitrary<number>) =>
    fc.array(values, { minLength: length, maxLength: length }).map((list) => Float32Array.from(list));
  return fc.tuple(array(float), array(float), array(float.map(Math.abs)), array(float));
});
const coefficients: fc.Arbitrary<AdamWCoefficients> = fc.record({
  beta1: share,
  beta2: share,
  alpha: positive,
  eps: positive,
  decay: share,
  scale: positive,
});
const REGIONS = ["value", "moment1", "moment2", "gradient"] as const;

Deno.test("SimdKernels.adamw() equals adamwReference() bit for bit", async () => {
  await fc.assert(fc.asyncProperty(tensors, coefficients, async (values, settings) => {
    const arena = new Arena([{ name: "a", shape: [3] }, { name: "w", shape: [values[0].length] }]);
    REGIONS.forEach((region, i) => arena.view("w", region).set(values[i]));
    (await SimdKernels.create(arena)).adamw([{ name: "w", coefficients: settings, from: "gradient" }]);
    const [value, moment1, moment2, gradient] = values.map((list) => list.slice());
    adamwReference(value, moment1, moment2, gradient, settings);
    // deepStrictEqual tells -0 from 0 and takes NaN for NaN.
    assertEqual(REGIONS.map((region) => arena.view("w", region).slice()), [value, moment1, moment2, gradient]);
    assertEqual(arena.view("a"), new Float32Array(3), "the neighbour changed");
  }));
});

Deno.test("SimdKernels.adamw() gives the same bits on one thread and on three, step after step", async () => {
  const specs = [1, 4000, 17, 33_000, 16].map((size, k) => ({ name: `t${k}`, shape: [size] }));
  const arenas = [new Arena(specs), new Arena(specs)];
  const coefficients = adamwCoefficients({ betas: [0.9, 0.95], eps: 1e-8 }, 1e-2, 0.05, 1);
  const kernels = await Promise.all(arenas.map((arena, k) => SimdKernels.create(arena, k === 0 ? 1 : 3)));
  try {
    for (let step = 0; step < 3; step++) {
      arenas.forEach((arena, k) => {
        specs.forEach(({ name, shape }, t) => arena.view(name, "gradient").set(normals(shape[0], 10 * step + t)));
        // The last tensor is not named: it stays as it is.
        kernels[k].adamw(specs.slice(0, 4).map(({ name }) => ({ name, coefficients, from: "gradient" })));
      });
      for (const region of REGIONS) {
        for (const { name } of specs) assertEqual(arenas[1].view(name, region), arenas[0].view(name, region), name);
      }
    }
    assertTrue(arenas[1].view("t3").every((value) => value !== 0), "every weight of the tensor that is cut moved");
    assertTrue(arenas[1].view("t4").every((value) => value === 0), "the tensor that is not named moved");
  } finally {
    for (const one of kernels) one.dispose();
  }
});

Deno.test("a process whose AdamW had helper threads ends by itself once they are disposed of", async () => {
  const code = `
    import { Arena } from "./core/engine/arena.ts";
    import { AdamW } from "./core/optim/adamwOptimizer.ts";
    const adamw = await AdamW.create(new Arena([{ name: "a", shape: [64] }]), { betas: [0.9, 0.95], eps: 1e-8 }, undefined, 2);
    adamw.update([{ name: "a", lr: 1, weightDecay: 0 }], 1);
    adamw.dispose();
    console.log("done");`;
  // Killed after a minute, which gives another exit code: a process that waits for a sleeping thread waits for ever.
  const child = new Deno.Command(Deno.execPath(), { args: ["eval", code], signal: AbortSignal.timeout(60_000) });
  const { code: exit, stdout } = await child.output();
  assertEqual([exit, new TextDecoder().decode(stdout)], [0, "done\n"]);
});

Deno.test("dealJobs() gives threads equal shares and every float to one of them", () => {
  const coefficients: [number, number, number, number, number, number] = [1, 2, 3, 4, 5, 6];
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 40 })), fc.integer({ min: 1, max: 5 }), (lines, threads) => {
    let at = 0;
    const jobs = lines.map((count) => {
      const address = 4 * 16 * at;
      at += count;
      return {
        addresses: [address, address, address, address] as [number, number, number, number],
        length: 16 * count,
        kernel: "adamw" as const,
        coefficients,
      };
    });
    const shares = dealJobs(jobs, threads),
      floats = shares.map((share) => share.reduce((sum, job) => sum + job.length, 0));
    assertEqual(shares.length, threads);
    const pieces = shares.flat().map(({ addresses, length }) => [addresses[0] / 64, length / 16]);
    assertEqual(
      pieces.flatMap(([first, count]) => Array.from({ length: count }, (_, k) => first + k)),
      Array.from({ length: at }, (_, k) => k),
    );
    assertTrue(floats.every((count) => count <= Math.ceil(at / threads) * 16), `${floats}`);
    for (const share of shares) assertTrue(share.length <= jobs.length + 1, "a share has one cut tensor more at most");
  }));
});

Deno.test("adamwReference() follows AdamW in float64, as PyTorch writes it, over 10 steps", () => {
  const options = { betas: [0.9, 0.95] as [number, number], eps: 1e-8 }, lr = 1e-2, weightDecay = 0.05, count = 200;
  const value = normals(count, 1), start = value.slice(), w = Float64Array.from(value);
  const moment1 = new Float32Array(count), moment2 = new Float32Array(count);
  const m = new Float64Array(count), v = new Float64Array(count);
  for (let step = 1; step <= 10; step++) {
    // Gradients of very different sizes: AdamW takes all of them to steps of about lr.
    const gradient = normals(count, 10 + step).map((g, i) => g * 10 ** (i % 7 - 5));
    adamwReference(value, moment1, moment2, gradient, adamwCoefficients(options, lr, weightDecay, step));
    for (let i = 0; i < count; i++) {
      w[i] -= lr * weightDecay * w[i];
      m[i] = 0.9 * m[i] + 0.1 * gradient[i];
      v[i] = 0.95 * v[i] + 0.05 * gradient[i] ** 2;
      const corrected = Math.sqrt(v[i] / (1 - 0.95 ** step)) + options.eps;
      w[i] -= lr * (m[i] / (1 - 0.9 ** step)) / corrected;
    }
  }
  for (let i = 0; i < count; i++) {
    assertTrue(Math.abs(w[i] - start[i]) > 1e-4, `weight ${i} hardly moved`);
    // Ten updates, each rounded to 6e-8 of a weight of up to 3, and single-precision moments.
    assertAlmostEqual(value[i], w[i], 2e-6, `weight ${i}`);
  }
});

Deno.test("AdamW.update() touches the named tensors only, with their own rates and decay", async () => {
  const specs = ["a", "b", "c"].map((name) => ({ name, shape: [5] })), arena = new Arena(specs);
  for (const { name } of specs) arena.view(name).fill(2), arena.view(name, "gradient").fill(-3);
  const adamw = await AdamW.create(arena, { betas: [0.9, 0.999], eps: 1e-8 });
  adamw.update([{ name: "a", lr: 0.1, weightDecay: 0 }, { name: "c", lr: 0.01, weightDecay: 0.5 }], 1);
  // The first step is lr, whatever the gradient.
  for (const value of arena.view("a")) assertAlmostEqual(value, 2.1, 1e-6);
  for (const value of arena.view("c")) assertAlmostEqual(value, 2 * (1 - 0.005) + 0.01, 1e-6);
  assertEqual(["value", "moment1", "moment2"].map((region) => arena.view("b", region as "value")[0]), [2, 0, 0]);
});

Deno.test("AdamW takes the mean of the gradients that accumulate() sums up, and starts anew", async () => {
  const arena = new Arena([{ name: "a", shape: [3] }], 5);
  const adamw = await AdamW.create(arena, { betas: [0.9, 0.999], eps: 1e-8 }, { own: 4, total: 4 });
  for (const offset of [0, 100]) {
    for (let micro = 0; micro < 4; micro++) {
      arena.view("a", "gradient").set([offset + micro, 2 * micro, -micro]);
      adamw.accumulate(["a"], micro);
    }
    assertEqual(arena.view("a", "sum"), new Float32Array([4 * offset + 6, 12, -6]));
  }
  adamw.update([{ name: "a", lr: 0, weightDecay: 0 }], 1);
  assertEqual(arena.view("a", "moment1"), new Float32Array([101.5, 3, -1.5]));
});

Deno.test("AdamW takes the mean over the passes of all ranks, whether this one has made one of them or several", async () => {
  for (const own of [1, 2]) {
    const arena = new Arena([{ name: "a", shape: [3] }], 5);
    const adamw = await AdamW.create(arena, { betas: [0.9, 0.999], eps: 1e-8 }, { own, total: 8 });
    assertEqual(adamw.source, own === 1 ? "gradient" : "sum");
    // What the ranks have added up lies where the update looks for it.
    arena.view("a", adamw.source).set([8, -16, 4]);
    adamw.update([{ name: "a", lr: 0, weightDecay: 0 }], 1);
    assertEqual(arena.view("a", "moment1"), new Float32Array([1, -2, 0.5]), `${own} of 8 passes`);
    assertEqual(arena.view("a", "moment2"), new Float32Array([1, 4, 0.25]), `${own} of 8 passes`);
  }
});

Deno.test("decaysInPretraining() spares biases and vectors, not tokens", () => {
  const spared = localMimParameters(TINY).filter((spec) => !decaysInPretraining(spec)).map(({ name }) => name);
  assertTrue(spared.every((name) => /(^|\.)(norm\d?|pred\.1|norm\.\d)\.weight$|\.bias$/.test(name)), `${spared}`);
  assertEqual(spared.filter((name) => name.startsWith("decoder.3")).sort(), [
    "decoder.3.blocks.0.attn.proj.bias",
    "decoder.3.blocks.0.attn.qkv.bias",
    "decoder.3.blocks.0.mlp.fc1.bias",
    "decoder.3.blocks.0.mlp.fc2.bias",
    "decoder.3.blocks.0.norm1.bias",
    "decoder.3.blocks.0.norm1.weight",
    "decoder.3.blocks.0.norm2.bias",
    "decoder.3.blocks.0.norm2.weight",
    "decoder.3.embed.bias",
    "decoder.3.norm.bias",
    "decoder.3.norm.weight",
    "decoder.3.pred.1.bias",
  ]);
  assertEqual(
    ["cls_token", "decoder.0.mask_token", "patch_embed.proj.weight"].filter((name) => spared.includes(name)),
    [],
  );
});

Deno.test("decaysInFinetuning() spares class token and positions too", () => {
  const parameters = classifierParameters({ ...TINY, numClasses: 3 });
  const decays = (accept: typeof decaysInFinetuning) => parameters.filter(accept).map(({ name }) => name);
  const tuned = decays(decaysInFinetuning);
  assertEqual(decays(decaysInPretraining).filter((name) => !tuned.includes(name)), ["cls_token", "pos_embed"]);
  assertTrue(tuned.includes("head.weight") && tuned.includes("patch_embed.proj.weight"), `${tuned}`);
});

Deno.test("layerDecayFactor() is 0.75 ^ 13 at the input of ViT-B and 1 at the head", () => {
  const exponents: Record<string, number> = {
    "cls_token": 13,
    "pos_embed": 13,
    "patch_embed.proj.weight": 13,
    "blocks.0.norm1.weight": 12,
    "blocks.11.mlp.fc2.bias": 1,
    "fc_norm.weight": 0,
    "head.bias": 0,
  };
  for (const [name, exponent] of Object.entries(exponents)) {
    assertAlmostEqual(layerDecayFactor(name, 12, 0.75), 0.75 ** exponent, 1e-15, name);
  }
  assertAlmostEqual(layerDecayFactor("cls_token", 12, 0.75), 0.02375726401805877, 1e-15);
  const config = { imageSize: 224, ...VIT_PRESETS["vit-b16"], numClasses: 10 };
  const factors = classifierParameters(config).map(({ name }) => layerDecayFactor(name, 12, 0.75));
  assertEqual(new Set(factors).size, 14);
});

Deno.test("scaleLr() is linear in the batch: 2e-4 at 2048 images is 1.6e-3", () => {
  assertAlmostEqual(scaleLr(2e-4, 2048), 1.6e-3, 1e-18);
  assertEqual(scaleLr(3e-4, 256), 3e-4);
});
