import { poolMask } from "../core/masking/poolMask.ts";
import { LOCALMIM_VIT_B } from "../core/methods/localmim/config.ts";
import { sizeOf } from "../core/engine/program.ts";
import { localMimProgram } from "../core/methods/localmim/program.ts";
import { gatherPatches } from "../core/models/patches.ts";
import { unfoldPrediction } from "../core/methods/localmim/feeds.ts";
import {
  encoderParameters,
  localMimParameters,
  ownerOf,
  stageParameters,
} from "../core/methods/localmim/parameters.ts";
import { invertOrder } from "../core/engine/rowOrder.ts";
import { poolOrder, subcellOrder } from "../core/methods/localmim/tokenOrder.ts";
import { readSafetensors } from "../core/safetensors/read.ts";
import { assertAlmostEqual, assertEqual, assertRejects } from "./assert.ts";
import { compiled, localMimExample, randomArena, runOnce, TINY } from "./engineTools.ts";
import { goldenFixture } from "./goldenFixtures.ts";

const count = (parameters: { shape: number[] }[]) => parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);

Deno.test("localMimProgram() with heads on masked tokens has the official loss of predictions of all tokens", async () => {
  const batch = 3, liveStages = [true, true, true, true], grid = TINY.imageSize / TINY.patchSize;
  const { masks, targets, feeds } = localMimExample(TINY, batch), C = 3 * TINY.hogBins;
  const all = localMimProgram({ config: TINY, batch, liveStages, heads: "all" });
  const masked = localMimProgram({ config: TINY, batch, liveStages, heads: "masked" });
  const arena = randomArena(all, 0.3);
  const { outputs } = await runOnce(compiled, all, arena, feeds);
  const { outputs: losses } = await runOnce(compiled, masked, arena, feeds);
  let total = 0;
  TINY.stageScales.forEach((scale, stage) => {
    const prediction = unfoldPrediction(TINY, stage, outputs[`pred${stage}`]), target = targets[stage];
    const weights = masks.flatMap(({ mask }) => [...poolMask(mask, grid, scale)]);
    assertEqual(prediction.length, weights.length * C);
    const sum = weights.reduce((sum, weight, cell) => {
      let squared = 0;
      for (let c = cell * C; c < (cell + 1) * C; c++) squared += (prediction[c] - target[c]) ** 2;
      return sum + weight * squared / C;
    }, 0);
    const loss = sum / weights.reduce((a, b) => a + b);
    // float32 sums of some thousand numbers, here in float64.
    assertAlmostEqual(losses[`loss${stage}`][0] / loss, 1, 1e-5, `loss of stage ${stage}`);
    total += loss;
  });
  assertAlmostEqual(losses.loss[0] / total, 1, 1e-5, "loss");
});

Deno.test("gatherPatches() orders a patch by channel, row, column and takes the wanted tokens only", () => {
  // Two images of 4 x 4 pixels that count up; 2 x 2 patches of 2 x 2 pixels.
  const images = Float32Array.from({ length: 96 }, (_, i) => i),
    first = [10, 11, 14, 15, 26, 27, 30, 31, 42, 43, 46, 47];
  const patches = gatherPatches(images, { imageSize: 4, patchSize: 2 }, [[3, 0], [3, 1]]);
  assertEqual([...patches.slice(0, 12)], first);
  assertEqual([...patches.slice(12, 16)], [0, 1, 4, 5]);
  assertEqual([...patches.slice(24, 36)], first.map((value) => value + 48));
  assertEqual([...patches.slice(36, 40)], [50, 51, 54, 55]);
});

Deno.test("localMimParameters() counts the weights of LocalMIM ViT-B", () => {
  // Encoder: class token, patch embedding, 12 blocks of two norms, qkv, projection and a fourfold MLP.
  const linear = (from: number, to: number) => from * to + to;
  const block = (d: number) => 4 * d + linear(d, 3 * d) + linear(d, d) + linear(d, 4 * d) + linear(4 * d, d);
  const encoder = 768 + linear(3 * 16 * 16, 768) + 12 * block(768);
  assertEqual([encoder, count(encoderParameters(LOCALMIM_VIT_B))], [85_645_824, 85_645_824]);
  // Decoder: norm of the latent, mask token, embedding, block, norm, head.
  const decoder = 2 * 768 + 256 + linear(768, 256) + block(256) + 2 * 256;
  const heads = [
    4 * 256 * 128 + 128 + 2 * 128 + 4 * 128 * 64 + 64 + linear(64, 27),
    4 * 256 * 128 + 128 + linear(128, 27),
    linear(256, 27),
    linear(256, 27),
  ];
  heads.forEach((head, stage) =>
    assertEqual(count(stageParameters(LOCALMIM_VIT_B, stage)), decoder + head, `stage ${stage}`)
  );
  assertEqual(count(localMimParameters(LOCALMIM_VIT_B)), encoder + 4 * decoder + heads.reduce((a, b) => a + b));
});

const golden = await goldenFixture("localmim_tiny.safetensors");
Deno.test({
  name: "localMimParameters() has the names and shapes of the official checkpoint",
  ignore: golden === undefined,
  fn() {
    const { tensors } = readSafetensors(golden!, "localmim_tiny");
    const config = { ...LOCALMIM_VIT_B, imageSize: 64, embedDim: 32, numHeads: 4, decoderDim: 32, decoderHeads: 4 };
    const official = [...tensors].flatMap(([key, { shape }]): [string, number[]][] =>
      key.startsWith("sd0/") && !/pos_embed|hog_enc/.test(key) ? [[key.slice(4), [...shape]]] : []
    );
    const own = localMimParameters(config).map(({ name, shape }): [string, number[]] => [name, shape]);
    assertEqual(own.sort(), official.sort());
    assertEqual(own.length, 239);
  },
});

Deno.test("ownerOf() knows every parameter of ViT-B and names one that it does not", async () => {
  const owners = localMimParameters(LOCALMIM_VIT_B).map(({ name }) => JSON.stringify(ownerOf(name)));
  const layers = Array.from({ length: 13 }, (_, layer) => `{"layer":${layer}}`);
  const stages = Array.from({ length: 4 }, (_, stage) => `{"stage":${stage}}`);
  assertEqual([...new Set(owners)], ['"clsToken"', ...layers, ...stages]);
  const perOwner = (owner: string) => owners.filter((name) => name === owner).length;
  assertEqual([layers.map(perOwner), stages.map(perOwner)], [[2, ...new Array(12).fill(12)], [27, 23, 21, 21]]);
  assertEqual(ownerOf("blocks.11.mlp.fc2.bias"), { layer: 12 });
  await assertRejects(() => ownerOf("head.weight"), "Cannot say what 'head.weight' belongs to");
});

Deno.test("stageParameters() refuses a scale that no head has", async () => {
  await assertRejects(
    () => stageParameters({ ...LOCALMIM_VIT_B, stageScales: [3] }, 0),
    "scale 3: want 4, 2, 1 or 0.5",
  );
});

Deno.test("poolOrder() groups 2 x 2 neighbours and skips the class tokens", async () => {
  const { index, inverse } = poolOrder(1, 4);
  assertEqual([...index], [1, 2, 5, 6, 3, 4, 7, 8, 9, 10, 13, 14, 11, 12, 15, 16]);
  assertEqual([...inverse.slice(0, 6)], [16, 0, 1, 4, 5, 2]);
  assertEqual([...poolOrder(2, 2).index], [1, 2, 3, 4, 6, 7, 8, 9]);
  await assertRejects(() => poolOrder(1, 7), "7 x 7 token grid by 2: want an even side");
});

Deno.test("invertOrder() says where each row went, and where none did", () => {
  assertEqual([...invertOrder(Int32Array.of(3, 0), 4)], [1, 2, 2, 0]);
});

Deno.test("subcellOrder() nests two doublings", () => {
  const order = subcellOrder(4).map(({ row, column }) => `${row}${column}`).join(" ");
  assertEqual(order, "00 01 10 11 02 03 12 13 20 21 30 31 22 23 32 33");
  assertEqual(subcellOrder(1), [{ row: 0, column: 0 }]);
});
