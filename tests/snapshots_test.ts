import { join } from "node:path";
import { Interrupted } from "../cli/interrupt.ts";
import type { Arena } from "../core/engine/arena.ts";
import { readSafetensors } from "../core/safetensors/read.ts";
import { PhaseKeeper } from "../training/checkpoint/phaseKeeper.ts";
import { keptEpochs, weightsFile } from "../training/checkpoint/weightsFile.ts";
import type { Trained } from "../training/loop.ts";
import { weightsHash } from "../training/weightsHash.ts";
import type { Work } from "../training/work.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { keeperOptions } from "./keeperTools.ts";
import { inFolder } from "./reportTools.ts";
import { FINETUNE, finetune, monitor, pretrain, pretrainConfig, TWO_STAGES, WatchedEngine } from "./trainingTools.ts";

type Run = (changed: Partial<Work>) => Promise<Trained>;

/** Four epochs of six steps; in pre-training layers freeze from the second on. */
const RUNS: Record<string, Run> = {
  "pre-training": (changed) => pretrain(pretrainConfig({ epochs: 4, warmupEpochs: 0.5 }, { t0: 0.3 }), changed),
  "fine-tuning": (changed) => finetune({ ...FINETUNE, epochs: 4, warmupEpochs: 0.5 }, changed),
};

/** The hash of what a file of weights holds, put into an arena. */
async function hashOfFile(path: string, arena: Arena): Promise<string> {
  const { tensors } = readSafetensors(await Deno.readFile(path));
  assertEqual([...tensors.keys()].sort(), [...arena.names()].sort());
  for (const name of arena.names()) arena.view(name).set(tensors.get(name)!.data as Float32Array);
  return weightsHash(arena);
}

for (const [name, run] of Object.entries(RUNS)) {
  Deno.test(`weights kept after an epoch are those of a run that is stopped there: ${name}`, () =>
    inFolder(async (folder) => {
      const keeper = await PhaseKeeper.open(keeperOptions(folder), "2026-01-01T00:00:00Z");
      // The end is kept anyway; an epoch that never comes is not.
      const { arena, weights } = await run({ keeper, snapshots: [1, 3, 4, 9] });
      assertEqual(Object.keys(weights), ["1", "3", "4"]);
      assertEqual(weights[4], weightsHash(arena));
      assertEqual(await keptEpochs(folder), [1, 3, 4]);
      for (const epochs of [1, 3]) {
        const engine = new WatchedEngine(), abort = new AbortController();
        const stop = ({ done }: { done: number }) => done === 6 * epochs && abort.abort(new Interrupted("SIGINT"));
        const stopped = () => run({ engine, monitor: monitor(stop, abort.signal) });
        await assertRejects(stopped, "stopped by SIGINT");
        assertEqual(weights[epochs], weightsHash(engine.arena!), `after ${epochs} epochs`);
      }
      assertEqual(new Set(Object.values(weights)).size, 3, "weights of different epochs are alike");
      for (const epochs of [1, 3, 4]) {
        assertEqual(await hashOfFile(join(folder, weightsFile(epochs)), arena), weights[epochs], `file ${epochs}`);
      }
    }));

  Deno.test(`a run that goes on keeps what it has kept, and leaves what is still to come: ${name}`, () =>
    inFolder(async (folder) => {
      const snapshots = [1, 2, 3], { weights: straight } = await run({ snapshots }), abort = new AbortController();
      const stop = ({ done }: { done: number }) => done === 13 && abort.abort(new Interrupted("SIGINT"));
      const keeper = await PhaseKeeper.open(keeperOptions(folder), "2026-01-01T00:00:00Z");
      await assertRejects(
        () => run({ keeper, snapshots, monitor: monitor(stop, abort.signal) }),
        "stopped by SIGINT",
      );
      assertEqual(await keptEpochs(folder), [1, 2]);
      await Deno.remove(join(folder, weightsFile(1)));
      const { weights } = await run({
        keeper: await PhaseKeeper.open(keeperOptions(folder), "2026-01-02T00:00:00Z"),
        snapshots,
      });
      assertEqual(weights, straight);
      assertEqual(await keptEpochs(folder), [2, 3, 4], "what is past is not trained again");
    }));
}

Deno.test("where a schedule does not hang on its length, kept weights are those of a shorter straight run", async () => {
  const flat: Record<string, (epochs: number, changed: Partial<Work>) => Promise<Trained>> = {
    // A rate of 0.1 from the first step to the last, for every layer.
    pretrain: (epochs, changed) => pretrain(pretrainConfig({ epochs, minLr: 0.1 }, { t0: 1 }, TWO_STAGES), changed),
    finetune: (epochs, changed) => finetune({ ...FINETUNE, epochs, minLr: FINETUNE.lr }, changed),
  };
  for (const [name, run] of Object.entries(flat)) {
    const { weights, epochs } = await run(3, { snapshots: [1, 2] });
    assertTrue(epochs.every(({ rates }) => new Set(rates).size === 1 && rates[0] === epochs[0].rates[0]), "not flat");
    for (const length of [1, 2]) {
      assertEqual(weights[length], weightsHash((await run(length, {})).arena), `${name}, ${length} epochs`);
    }
  }
});
