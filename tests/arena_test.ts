import { Arena, BANK_BYTES } from "../core/engine/arena.ts";
import { sizeOf } from "../core/engine/program.ts";
import { classifierParameters, classifierProgram } from "../core/models/classifier.ts";
import { VIT_PRESETS } from "../core/models/config.ts";
import { AdamW } from "../core/optim/adamwOptimizer.ts";
import { Clock } from "../training/clock.ts";
import { Exchange } from "../training/exchange.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { compiled, normals, randomArena, randomFeeds, runOnce, TINY } from "./engineTools.ts";
import { onRanks } from "./ranksInProcess.ts";
import { stateHash } from "./runState.ts";

const specs = [{ name: "a", shape: [3, 5] }, { name: "b", shape: [17] }, { name: "c", shape: [] }];

Deno.test("Arena keeps every tensor and region apart, each on a cache line", () => {
  const arena = new Arena(specs, 5), regions = ["value", "moment1", "moment2", "gradient", "sum"] as const;
  const places = specs.flatMap(({ name }) => regions.map((region): [string, typeof regions[number]] => [name, region]));
  places.forEach(([name, region], i) => arena.view(name, region).fill(i + 1));
  places.forEach(([name, region], i) => {
    assertEqual([...new Set(arena.view(name, region))], [i + 1], `${name} ${region}`);
    assertEqual(arena.address(name, region) % 64, 0);
  });
  assertEqual(specs.map(({ name }) => [arena.padded(name), arena.view(name).length]), [[16, 15], [32, 17], [16, 1]]);
  assertEqual(arena.names(), ["a", "b", "c"]);
  assertEqual([arena.shape("a"), arena.has("c"), arena.has("d")], [[3, 5], true, false]);
});

Deno.test("Arena names what it cannot lay out or find", async () => {
  await assertRejects(() => new Arena([...specs, specs[0]]), "'a' is there twice");
  await assertRejects(() => new Arena(specs).view("d"), "Cannot find parameter 'd': the arena holds 3 others");
  await assertRejects(
    () => new Arena([{ name: "huge", shape: [2 ** 28] }], 5),
    "Cannot lay out parameters: 'huge' has 268435456 numbers, 214745088 fit",
  );
  assertTrue(new Arena([]).names().length === 0, "an empty arena has names");
});

/** Three tensors of which two fit into a bank of one page: 4,096 numbers with three more each. */
const large = [3000, 1000, 3500].map((size, k) => ({ name: "abc"[k], shape: [size] }));

Deno.test("Arena begins another bank where a tensor does not fit any more, and keeps all of them apart", () => {
  const arena = new Arena(large, 4, 1), regions = ["value", "moment1", "moment2", "gradient"] as const;
  assertEqual(arena.memories().map(({ buffer }) => buffer.byteLength), [65536, 65536]);
  const address = (name: string) => regions.map((region) => arena.address(name, region));
  assertEqual(address("b"), [0, 1, 2, 3].map((k) => 4 * (4016 * k + 3008)));
  assertEqual(address("c"), [0, 1, 2, 3].map((k) => BANK_BYTES + 4 * 3504 * k));
  large.forEach(({ name }, i) => regions.forEach((region, k) => arena.view(name, region).fill(10 * i + k)));
  for (const [i, { name, shape }] of large.entries()) {
    regions.forEach((region, k) => {
      assertEqual([...new Set(arena.view(name, region))], [10 * i + k], `${name} ${region}`);
      assertEqual(arena.stretch(arena.address(name, region), sizeOf(shape)), arena.view(name, region));
    });
  }
  assertEqual(arena.state().map(({ length }) => length), [3 * 4016, 3 * 3504]);
  assertEqual([arena.state()[1][0], arena.state()[1][2 * 3504 + 3499]], [20, 22]);
});

Deno.test("Arena holds ViT-L with AdamW's state, 4.9 GB", () => {
  const size = { embedDim: 1024, depth: 24, numHeads: 16 };
  const specs = classifierParameters({ imageSize: 224, ...VIT_PRESETS["vit-b16"], ...size, numClasses: 1000 });
  const arena = new Arena(specs), bytes = arena.memories().map(({ buffer }) => buffer.byteLength);
  // timm's ViT-L/16 with 1000 classes has 304,326,632 parameters, at 16 bytes each; whole pages of 64 KiB.
  assertEqual([bytes.length, Math.floor(bytes.reduce((sum, more) => sum + more) / 1e6)], [2, 4869]);
});

Deno.test("a step and its update are the same in one bank and in several", async () => {
  const program = classifierProgram({ ...TINY, depth: 12, numClasses: 5 }, 2), one = randomArena(program, 0.3);
  const banks = new Arena(program.parameters, 4, 4), names = one.names();
  assertTrue(banks.memories().length >= 3, `${banks.memories().length} banks`);
  for (const name of names) banks.view(name).set(one.view(name));
  const feeds = randomFeeds(program.inputs), before = stateHash(one);
  const [ran, again] = [
    await runOnce(compiled, program, one, feeds, names),
    await runOnce(compiled, program, banks, feeds, names),
  ];
  assertEqual([again.outputs, again.gradients], [ran.outputs, ran.gradients]);
  for (const arena of [one, banks]) {
    const adamw = await AdamW.create(arena, { betas: [0.9, 0.95], eps: 1e-8 });
    adamw.update(names.map((name) => ({ name, lr: 1e-3, weightDecay: 0.05 })), 1);
  }
  assertTrue(stateHash(one) !== before, "nothing was updated");
  assertEqual(stateHash(banks), stateHash(one));
});

Deno.test("ranks sum gradients of several banks and hand on all of their weights", async () => {
  const work = (pages?: number) =>
    onRanks(2, async (ranks) => {
      const arena = new Arena(large, 4, pages);
      const adamw = await AdamW.create(arena, { betas: [0.9, 0.95], eps: 1e-8 }, { own: 1, total: 2 });
      large.forEach(({ name, shape: [size] }, k) => {
        if (ranks.rank === 0) arena.view(name).set(normals(size, k));
        arena.view(name, "gradient").set(normals(size, 10 * ranks.rank + 5 + k));
      });
      for (const piece of arena.state()) await ranks.broadcast(piece);
      const updates = large.map(({ name }) => ({ name, lr: 1e-2, weightDecay: 0.05 }));
      const bytes = await new Exchange(ranks, arena, adamw, 1).update(updates, 1, new Clock([]));
      return [bytes, arena.memories().length, stateHash(arena)];
    });
  const [one, two] = await work(), banks = await work(1), state = one[2];
  assertEqual([one, two], new Array(2).fill([4 * 7520, 1, state]));
  assertEqual(banks, new Array(2).fill([4 * 7520, 2, state]));
});
