// What a phase needs of memory is said before it trains.

import { checkMemory } from "../commands/repro/setup.ts";
import { parseCommand } from "../commands/repro/flags.ts";
import { ALONE, type Ranks } from "../core/parallel/ranks.ts";
import type { ImageDataset } from "../datasets/dataset.ts";
import { freeMemory, leastMemory } from "../training/memory.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";

/** Table 17's first row at profile ci with a wider model: 384 x 12, 65 tokens. */
const command = parseCommand([
  ...["thesis.table17", "--profile", "ci", "--rows", "localmim"],
  ...["--set", "model.embedDim=384", "--set", "model.numHeads=6", "--set", "finetune.batch=32"],
])!;
const [pretrain, finetune] = command.wanted;
const datasetOf = () => ({ classes: Array(12) }) as unknown as ImageDataset;

Deno.test("leastMemory() lies below what was measured, and grows with the images of a pass", () => {
  const { host: bytes, card } = leastMemory(finetune, 12, { ranks: ALONE });
  assertEqual(card, 0);
  // Peaks of the process, with 8 and 32 images a pass: 989 and 1,648 MB, of which Deno and the engine take 180.
  assertTrue(bytes > 0.3 * 1648e6 && bytes < 1648e6, `${bytes}`);
  const parameters = bytes - leastMemory(finetune, 12, { ranks: ALONE, accum: 2 }).host;
  // Half of the images: 16 of them at 12 blocks with 8 x 64 x 384 + 6 x 64^2 numbers of 4 bytes.
  assertEqual(parameters, 4 * 16 * 12 * (8 * 64 * 384 + 6 * 64 ** 2));
  assertTrue(leastMemory(pretrain, 12, { ranks: ALONE }).host > 4 * 4 * 21e6, "parameters with gradient and moments");
  // A card holds what the backward pass looks at, and a copy of the parameters.
  const onCard = leastMemory(finetune, 12, { ranks: ALONE }, true);
  assertEqual([onCard.card, onCard.host < bytes], [bytes, true]);
});

Deno.test("checkMemory() names the first phase that cannot fit, ranks of one machine together", async () => {
  const { host: bytes } = leastMemory(finetune, 12, { ranks: ALONE }), only = { wanted: [finetune] };
  checkMemory(only, datasetOf, ALONE, undefined, bytes);
  await assertRejects(
    () => checkMemory(only, datasetOf, ALONE, undefined, bytes - 1),
    /^Cannot run fine-tuning: it needs 0\.\d+ GB of memory at least, found 0\.\d+ GB free; want --accum or a smaller finetune\.batch/,
  );
  const two = { ...ALONE, size: 2, hosts: ["a", "a"] } as unknown as Ranks,
    half = leastMemory(finetune, 12, { ranks: two }).host;
  await assertRejects(() => checkMemory(only, datasetOf, two, undefined, 2 * half - 1), "Cannot run fine-tuning");
  checkMemory(only, datasetOf, { ...two, hosts: ["a", "b"] } as unknown as Ranks, undefined, half);
  const card = (memory?: number) => ({ device: "webgpu" as const, memoryBytes: () => memory });
  for (const memory of [bytes, undefined]) checkMemory(only, datasetOf, ALONE, card(memory), bytes - 1);
  await assertRejects(
    () => checkMemory(only, datasetOf, ALONE, card(bytes - 1), bytes),
    /it needs 0\.\d+ GB of memory on webgpu at least, found 0\.\d+ GB free/,
  );
  assertTrue(freeMemory() > 1e8, `${freeMemory()}`);
});
