import {
  classifierInference,
  classifierParameters,
  classifierProgram,
  dropPathFactors,
  dropPathRates,
  transferredParameters,
} from "../core/models/classifier.ts";
import { sizeOf } from "../core/engine/program.ts";
import { encoderParameters } from "../core/methods/localmim/parameters.ts";
import { VIT_PRESETS } from "../core/models/config.ts";
import { randomStream } from "../core/random/stream.ts";
import { assertAlmostEqual, assertEqual, assertTrue } from "./assert.ts";
import { compiled, randomArena, randomFeeds, runOnce, TINY } from "./engineTools.ts";

Deno.test("classifierParameters() counts ViT-B with head, and all but positions, norm and head are taken over", () => {
  const config = { imageSize: 224, ...VIT_PRESETS["vit-b16"], numClasses: 1000 };
  // timm's ViT-B/16 with 1000 classes has 86,567,656 parameters; the norm stands behind the pooling, not before it.
  assertEqual(classifierParameters(config).reduce((sum, { shape }) => sum + sizeOf(shape), 0), 86_567_656);
  assertEqual(
    transferredParameters(config).sort(),
    encoderParameters({ ...TINY, ...config }).map(({ name }) => name).sort(),
  );
});

Deno.test("classifierProgram() is the cross-entropy of classifierInference()'s logits against soft targets", async () => {
  const config = { ...TINY, depth: 2, numClasses: 5 }, program = classifierProgram(config, 2);
  const arena = randomArena(program, 0.3), { patches } = randomFeeds(program.inputs);
  const targets = Float32Array.of(0.9, 0.1, 0, 0, 0, 0, 0, 0.25, 0, 0.75), keep = new Float32Array(8).fill(1);
  const { outputs: { loss } } = await runOnce(compiled, program, arena, { patches, targets, keep });
  const { outputs: { logits } } = await runOnce(compiled, classifierInference(config, 2), arena, { patches });
  let expected = 0;
  for (let b = 0; b < 2; b++) {
    const row = logits.subarray(5 * b, 5 * b + 5), sum = row.reduce((total, logit) => total + Math.exp(logit), 0);
    row.forEach((logit, c) => expected -= targets[5 * b + c] * (logit - Math.log(sum)) / 2);
  }
  assertAlmostEqual(loss[0] / expected, 1, 1e-6);
  // A dropped branch adds nothing: with all dropped, every block is the identity and its weights do not matter.
  const nothing = new Float32Array(8),
    dropped = async () =>
      (await runOnce(compiled, program, arena, { patches, targets, keep: nothing })).outputs.loss[0];
  const before = await dropped();
  arena.view("blocks.1.mlp.fc2.weight").fill(7);
  assertEqual(await dropped(), before);
  assertTrue(Math.abs(before - loss[0]) > 1e-3, "dropping all branches changes nothing");
});

Deno.test("classifierInference() pools patch tokens with their positions and leaves the class token out", async () => {
  const config = { ...TINY, depth: 0, numClasses: 3 }, program = classifierInference(config, 1), D = TINY.embedDim;
  const arena = randomArena(program), { patches } = randomFeeds(program.inputs);
  const { outputs: { logits } } = await runOnce(compiled, program, arena, { patches });
  const [weight, bias, positions] = ["patch_embed.proj.weight", "patch_embed.proj.bias", "pos_embed"].map((name) =>
    arena.view(name)
  );
  const pooled = Array.from({ length: D }, (_, d) => {
    let sum = 0;
    for (let token = 0; token < 16; token++) {
      sum += bias[d] + positions[(token + 1) * D + d];
      for (let i = 0; i < 192; i++) sum += patches[token * 192 + i] * weight[d * 192 + i];
    }
    return sum / 16;
  });
  const mean = pooled.reduce((a, b) => a + b) / D;
  const deviation = Math.sqrt(pooled.reduce((sum, value) => sum + (value - mean) ** 2, 0) / D + 1e-6);
  const normed = pooled.map((value, d) =>
    (value - mean) / deviation * arena.view("fc_norm.weight")[d] + arena.view("fc_norm.bias")[d]
  );
  for (let c = 0; c < 3; c++) {
    const head = arena.view("head.weight").subarray(c * D, (c + 1) * D), expected = normed.map((v, d) => v * head[d]);
    // float32 sums of 3,000 products of about 1.
    assertAlmostEqual(logits[c], expected.reduce((a, b) => a + b) + arena.view("head.bias")[c], 1e-4, `logit ${c}`);
  }
});

Deno.test("dropPathRates() rise linearly from 0", () => {
  assertEqual(dropPathRates(5, 0.2).map((rate) => Number(rate.toFixed(12))), [0, 0.05, 0.1, 0.15, 0.2]);
  assertEqual(dropPathRates(1, 0.2), [0.2]);
});

Deno.test("dropPathFactors() keep the expectation, and never drop the first block", () => {
  const depth = 3, batch = 20000, rate = 0.4;
  const factors = dropPathFactors(randomStream(1, "test").uniform, depth, batch, rate);
  assertEqual(factors.length, 2 * depth * batch);
  for (let branch = 0; branch < 2 * depth; branch++) {
    const row = factors.subarray(branch * batch, (branch + 1) * batch),
      dropped = dropPathRates(depth, rate)[branch >> 1];
    assertEqual([...new Set(row)].sort(), dropped ? [0, Math.fround(1 / (1 - dropped))] : [1]);
    // The mean of 20,000 factors has a deviation of sqrt(rate / (1 - rate) / 20000) <= 0.0058; four of them.
    assertAlmostEqual(row.reduce((a, b) => a + b) / batch, 1, 0.024, `branch ${branch}`);
  }
});
