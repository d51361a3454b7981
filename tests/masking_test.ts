import fc from "fast-check";
import { poolMask } from "../core/masking/poolMask.ts";
import { lenKeep, maskFromNoise, randomMask } from "../core/masking/randomMask.ts";
import { randomStream } from "../core/random/stream.ts";
import { getTensor } from "../core/safetensors/get.ts";
import { readSafetensors } from "../core/safetensors/read.ts";
import { assertAlmostEqual, assertEqual, assertRejects } from "./assert.ts";
import { goldenFixture } from "./goldenFixtures.ts";

Deno.test("maskFromNoise() keeps the tokens with the least noise, in the order of their noise", () => {
  const { idsKeep, idsRestore, mask } = maskFromNoise([0.5, 0.1, 0.9, 0.3], 0.5);
  assertEqual([...idsKeep], [1, 3]);
  assertEqual([...idsRestore], [2, 0, 3, 1]);
  assertEqual([...mask], [1, 0, 1, 0]);
});

Deno.test("randomMask() hides exactly the share asked for, and restores the order", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(99), fc.nat(), (tokens, percent, step) => {
    const ratio = percent / 100,
      { idsKeep, idsRestore, mask } = randomMask(randomStream(1, "mask", step), tokens, ratio);
    assertEqual(idsKeep.length, lenKeep(tokens, ratio));
    assertEqual(mask.reduce((sum, value) => sum + value, 0), tokens - idsKeep.length);
    assertEqual([...idsRestore].sort((a, b) => a - b), Array.from({ length: tokens }, (_, i) => i));
    idsKeep.forEach((token, place) => assertEqual([mask[token], idsRestore[token]], [0, place]));
  }));
});

Deno.test("randomMask() masks every token equally often", () => {
  const draws = 4000, masked = new Float64Array(16);
  for (let step = 0; step < draws; step++) {
    randomMask(randomStream(2, "mask", step), 16, 0.75).mask.forEach((value, token) => masked[token] += value / draws);
  }
  // Four standard errors: 4 * sqrt(0.75 * 0.25 / 4000) = 0.027.
  masked.forEach((share, token) => assertAlmostEqual(share, 0.75, 0.027, `token ${token}`));
});

Deno.test("lenKeep() rounds down and refuses a share outside [0, 1)", async () => {
  assertEqual([lenKeep(196, 0.75), lenKeep(196, 0.6), lenKeep(64, 0.75), lenKeep(5, 0)], [49, 78, 16, 5]);
  for (const ratio of [1, -0.1, NaN]) await assertRejects(() => lenKeep(196, ratio), `Cannot mask a share of ${ratio}`);
});

Deno.test("poolMask() repeats on a finer grid and averages on a coarser one", async () => {
  assertEqual([...poolMask([1, 0, 0, 1], 2, 2)], [1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1]);
  assertEqual([...poolMask([1, 0, 0, 1], 2, 1)], [1, 0, 0, 1]);
  const mask = [1, 1, 1, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  assertEqual([...poolMask(mask, 4, 0.5)], [1, 0.25, 0.25, 0]);
  assertEqual([...poolMask(mask, 4, 0.25)], [6 / 16]);
  await assertRejects(() => poolMask(mask, 3, 1), "Cannot pool a mask of 16 tokens: want 3 x 3");
  for (const scale of [0, -1, 1.5, 0.3, 1 / 3]) {
    await assertRejects(() => poolMask(mask, 4, scale), `Cannot scale a 4 x 4 mask by ${scale}`);
  }
});

const fixture = await goldenFixture("localmim_tiny.safetensors");

Deno.test({
  name: "maskFromNoise() and poolMask() equal the released code on its own noise",
  ignore: fixture === undefined,
  fn() {
    const file = readSafetensors(fixture!);
    const noise = getTensor(file, "noise", Float32Array), wantedMask = getTensor(file, "mask", Float32Array).data;
    const wantedRestore = getTensor(file, "ids_restore", BigInt64Array).data, [rows, tokens] = noise.shape;
    for (let row = 0; row < rows; row++) {
      const { idsRestore, mask } = maskFromNoise(noise.data.subarray(row * tokens, (row + 1) * tokens), 0.75);
      assertEqual(mask, wantedMask.slice(row * tokens, (row + 1) * tokens));
      assertEqual([...idsRestore], Array.from(wantedRestore.slice(row * tokens, (row + 1) * tokens), Number));
      [4, 2, 1, 0.5].forEach((scale, stage) => {
        const { shape: [, cells], data } = getTensor(file, `mask_scale${stage}`, Float32Array);
        assertEqual(poolMask(mask, Math.sqrt(tokens), scale), data.slice(row * cells, (row + 1) * cells));
      });
    }
  },
});
