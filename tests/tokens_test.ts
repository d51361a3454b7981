import { ALL_TOKENS } from "../experiments/recipes/allTokens.ts";
import { oneHot } from "../core/methods/beit/targets.ts";
import type { Tensor } from "../core/safetensors/tensor.ts";
import { writeSafetensors } from "../core/safetensors/write.ts";
import type { PretrainConfig } from "../training/config.ts";
import { pretrain as runner } from "../training/phases/pretrain.ts";
import { cropWords } from "../training/tokens/cropWords.ts";
import { checkTokens, openTokens } from "../training/tokens/openTokens.ts";
import { readTokens } from "../training/tokens/tokenFile.ts";
import { BEIT, VIT } from "./allTokensTools.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { assertRefused, run, runWell, settings } from "./commandTools.ts";
import { recordsOf } from "./reproTools.ts";
import { inFolder } from "./reportTools.ts";
import { stateHash, timeless } from "./runState.ts";
import { images, pretrainConfig, WatchedEngine, workOf } from "./trainingTools.ts";

/** The word of a patch of an image, of twelve. */
const wordOf = (image: number, patch: number) => (image * 5 + patch * 7) % 12;
const WORDS = Int32Array.from({ length: 24 * 16 }, (_, k) => wordOf(Math.floor(k / 16), k % 16));

/** Writes a file of words. */
async function written(folder: string, tensors: Record<string, Tensor>): Promise<string> {
  const path = `${folder}/tokens.safetensors`;
  await Deno.writeFile(path, writeSafetensors(Object.entries(tensors)));
  return path;
}

/** `--set` words for a BEiT that trains in seconds. */
const SMALL = {
  "data.train": 32,
  "data.test": 12,
  "beit.pretrain.epochs": 8,
  "beit.pretrain.batch": 8,
  "beit.finetune.epochs": 1,
  "beit.finetune.warmupEpochs": 0,
  "beit.finetune.batch": 8,
};
const tokens: Tensor = { dtype: "I32", shape: [24, 16], data: WORDS };
const labels: Tensor = { dtype: "I32", shape: [24], data: images.train.labels };

function learner(sha256: string): PretrainConfig {
  const config = pretrainConfig({ epochs: 2, batch: 8, baseLr: 0.02 });
  return { ...config, cropScale: [1, 1], method: { name: "beit", ...BEIT, tokenizer: { sha256 } }, freeze: null };
}

Deno.test("words of a file are the targets: those of each image, mirrored with it, in whatever whole numbers they are kept", () =>
  inFolder(async (folder) => {
    const file = await readTokens(await written(folder, { tokens, labels })), engine = new WatchedEngine();
    const given = await runner.run(learner(file.sha256), workOf({ engine, tokens: file }));
    const target = engine.feeds.find(({ target }) => target)!.target as Float32Array;
    assertEqual(target.length, 8 * 2 * 16 * 12); // in each of two views
    // A crop of all of a square image is the image, flipped or not.
    const wanted = new Set<string>();
    for (let image = 0; image < 24; image++) {
      const own = Array.from({ length: 16 }, (_, patch) => wordOf(image, patch));
      const mirrored = own.map((_, patch) => own[patch - patch % 4 + 3 - patch % 4]);
      for (const each of [own, mirrored]) wanted.add(String(oneHot(each, 12)));
    }
    for (let at = 0; at < target.length; at += 16 * 12) {
      assertTrue(wanted.has(String(target.subarray(at, at + 16 * 12))), `image ${at / 192} of the batch`);
    }
    const wide = { ...tokens, dtype: "I64" as const, data: BigInt64Array.from(WORDS, BigInt) };
    const other = await readTokens(await written(folder, { tokens: wide }));
    assertEqual([other.words, other.labels, other.images, other.patches], [WORDS, undefined, 24, 16]);
    const same = await runner.run(learner(other.sha256), workOf({ tokens: other }));
    assertEqual([stateHash(same.arena!), timeless(same)], [stateHash(given.arena!), timeless(given)]);
    const shifted = { ...tokens, data: WORDS.map((word) => (word + 1) % 12) };
    const third = await readTokens(await written(folder, { tokens: shifted }));
    const unlike = await runner.run(learner(third.sha256), workOf({ tokens: third }));
    assertTrue(stateHash(unlike.arena!) !== stateHash(given.arena!), "the words do not matter");
  }));

Deno.test("cropWords(): each patch of a crop has the word of the patch in which its middle lies", () => {
  const grid = 4, words = Int32Array.from({ length: 16 }, (_, k) => k);
  const whole = { width: 80, height: 40, box: { left: 0, top: 0, width: 80, height: 40 }, flip: false };
  assertEqual([...cropWords(words, grid, whole)], [...words]);
  const row = (found: Float32Array, y = 0) => [...found.subarray(4 * y, 4 * y + 4)];
  assertEqual(row(cropWords(words, grid, { ...whole, flip: true }), 1), [7, 6, 5, 4]);
  // The middle half: middles at 1.25, 1.75, 2.25 and 2.75 patches from the left and from above.
  const middle = cropWords(words, grid, { ...whole, box: { left: 20, top: 10, width: 40, height: 20 } });
  assertEqual([row(middle), row(middle, 2)], [[5, 5, 6, 6], [9, 9, 10, 10]]);
});

Deno.test("a file of words that lacks them, or holds other shapes or numbers, is refused by what was found", () =>
  inFolder(async (folder) => {
    const floats: Tensor = { dtype: "F32", shape: [24, 16], data: new Float32Array(24 * 16) };
    const cases: [Record<string, Tensor>, string][] = [
      [{ words: tokens }, "found words, want 'tokens' [images, patches]"],
      [{ tokens: { ...tokens, shape: [24, 4, 4] } }, "'tokens' is [24, 4, 4], want [images, patches]"],
      [{ tokens: floats }, "'tokens' has floating-point numbers, want whole ones"],
      [{ tokens: { ...tokens, data: WORDS.map((word) => word || -1) } }, "'tokens' has -1 at 0, want 0 to"],
      [{ tokens, labels: { ...labels, shape: [1, 24] } }, "'labels' is [1, 24], want [24]"],
    ];
    for (const [tensors, message] of cases) {
      const path = await written(folder, tensors);
      await assertRejects(() => readTokens(path), message);
    }
    await Deno.writeTextFile(`${folder}/x`, "no words");
    await assertRejects(() => readTokens(`${folder}/x`), "Cannot read");
  }));

Deno.test("words of other patches, vocabularies, images or orders are refused, and another file, and none", () =>
  inFolder(async (folder) => {
    const file = await readTokens(await written(folder, { tokens, labels }));
    const wanted = { sha256: file.sha256, vocabulary: 12 };
    checkTokens(file, VIT, wanted);
    await assertRejects(() => checkTokens(file, { ...VIT, patchSize: 4 }, wanted), "it has 16 of an image, want 64");
    const place = WORDS.indexOf(11), found = `it has 11 at image ${Math.floor(place / 16)}, patch ${place % 16}`;
    await assertRejects(() => checkTokens(file, VIT, { ...wanted, vocabulary: 11 }), `${found}, want 0 to 10`);
    await assertRejects(() => checkTokens(file, VIT, { ...wanted, sha256: "f".repeat(64) }), "want ffff");
    const { train } = images, fewer = { ...train, length: 23 };
    await assertRejects(() => openTokens(file, VIT, fewer), "it has 24 rows, want 23, a row an image");
    const other = { ...file, labels: file.labels!.map((label, k) => k === 9 ? label + 1 : label) };
    await assertRejects(() => openTokens(other, VIT, train), `row 9 is of class ${other.labels[9]}`);
    await assertRejects(() => runner.run(learner(file.sha256), workOf()), "want --tokens PATH");
  }));

Deno.test("deno task repro --tokens trains BEiT's rows on words of a file, and refuses one that does not fit or has no use", () =>
  inFolder(async (folder) => {
    const set = ["--profile", "ci", ...settings(SMALL)], rows = ["--rows", "beit", "--threads", "1"];
    const { beit: { model: { imageSize, patchSize, vocabulary } } } = ALL_TOKENS.profiles.ci, train = 32;
    const patches = (imageSize / patchSize) ** 2,
      data = Int32Array.from({ length: train * patches }, (_, k) => k % vocabulary);
    const path = await written(folder, { tokens: { dtype: "I32", shape: [train, patches], data } });
    const args = ["dmjd.table3", ...set, ...rows, "--tokens", path];
    await runWell("repro", folder, ...args);
    const { sha256 } = await readTokens(path), [{ phase }] = (await recordsOf(`${folder}/runs/results`)).pretrain;
    assertEqual((phase.config.method as Record<string, unknown>).tokenizer, { sha256 });
    assertRefused(
      await run("repro", folder, ...args, "--set", "beit.model.vocabulary=8"),
      "Cannot use the words",
      "0 to 7",
    );
    assertRefused(await run("repro", folder, ...args, "--predict"), "Cannot use --tokens", "--predict");
    const simmim = ["dmjd.table3", "--profile", "ci", "--rows", "simmim", "--tokens", path];
    assertRefused(await run("repro", folder, ...simmim), "it has no effect in simmim");
    assertRefused(await run("repro", folder, "dmjd.table2", "--profile", "ci", "--tokens", path), "no row of BEiT");
    const fewer: Tensor = { dtype: "I32", shape: [train - 1, patches], data: data.subarray(patches) };
    const short = await written(folder, { tokens: fewer });
    assertRefused(await run("repro", folder, ...args.with(-1, short)), `it has ${train - 1} rows, want ${train}`);
  }));
