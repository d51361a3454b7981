import { sha256 } from "../core/sha256.ts";
import type { RunResult } from "../records/schema.ts";
import { loadResults } from "../records/store.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { filesBelow, runWell, settings } from "./commandTools.ts";
import { record } from "./reliability/record.ts";
import { inFolder } from "./reportTools.ts";

/** Six steps and three freezes of the ci model: large enough that ONNX Runtime deals its work out to its threads. */
const FLAGS = [
  "--profile",
  "ci",
  "--rows",
  "vitfreeze",
  ...settings({ "data.train": 64, "data.test": 24, "pretrain.epochs": 3, "pretrain.warmupEpochs": 0.5 }),
  ...settings({ "finetune.epochs": 1, "finetune.warmupEpochs": 0, "freeze.t0": 0.5 }),
];

/** All that a run computed: its result without times and places, and the bytes of its weights by file. */
interface Computed {
  losses: (number | null)[][];
  result: Pick<RunResult, "weights" | "evaluation" | "events">;
  files: Record<string, string>;
}

/** Trains in a process of its own. */
async function train(folder: string, name: string, threads: number): Promise<Computed> {
  const places = ["--out", `${name}/results`, "--run", `${name}/run`];
  await runWell("table17", folder, ...FLAGS, "--threads", String(threads), ...places);
  const [{ result: { weights, evaluation, events, pretrain, finetune } }] = await loadResults(
    `${folder}/${name}/results`,
  );
  const saved = (await filesBelow(`${folder}/${name}/run`)).filter((path) => path.endsWith(".safetensors"));
  const hashes = saved.map(async (path) => [path, sha256(await Deno.readFile(`${folder}/${name}/run/${path}`))]);
  return {
    losses: [
      ...pretrain.epochs.map(({ lossPerStage, loss }) => [loss, ...lossPerStage]),
      finetune.epochs.map(({ loss }) => loss),
    ],
    result: { weights, evaluation, events },
    files: Object.fromEntries(await Promise.all(hashes)),
  };
}

/** What two processes computed, which has to be one and the same. */
async function trainTwice(folder: string, threads: number): Promise<Computed> {
  const first = await train(folder, `${threads}-first`, threads),
    second = await train(folder, `${threads}-second`, threads);
  assertEqual(first, second);
  assertTrue(first.result.events.some(({ kind }) => kind === "freeze"), "nothing froze: too little is compared");
  assertTrue(Object.keys(first.files).some((path) => path.endsWith("pretrained.safetensors")), "no weights are saved");
  assertTrue(first.losses[0][0] !== first.losses[1][0], "the loss never changes: nothing was trained");
  return first;
}

Deno.test("two processes train to the same losses, freezes and bytes of weights, on one thread and on two", () =>
  inFolder(async (folder) => {
    const one = await trainTwice(folder, 1), two = await trainTwice(folder, 2);
    const same = one.result.weights.pretrain === two.result.weights.pretrain;
    console.log(`one and two threads: ${same ? "the same" : "other"} bits of the pre-trained weights here`);
    assertEqual(one.result.events, two.result.events);
    const [loss, other] = [one, two].map(({ losses }) => losses[2][0]!);
    // Sums in another order, over six steps of float32.
    assertTrue(Math.abs(loss - other) < 1e-4 * loss, `losses ${loss} and ${other}`);
    await record("determinism", {
      promise: "The same seed, machine, engine and number of threads give the same bytes",
      how: "a run in two processes, on one thread and on two; losses, freezes, saved weights",
      count: `4 runs; one and two threads gave ${same ? "the same" : "other last"} bits`,
    });
  }));
