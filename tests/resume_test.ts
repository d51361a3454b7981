import { join } from "node:path";
import { Arena } from "../core/engine/arena.ts";
import { classifierParameters } from "../core/models/classifier.ts";
import { freezeState } from "../core/schedules/freezeState.ts";
import { Interrupted } from "../cli/interrupt.ts";
import { finetune, type FinetuneOptions } from "../training/finetune.ts";
import { findCheckpoint, readCheckpoint } from "../training/checkpoint/checkpointFiles.ts";
import { finetuneProgressSchema, pretrainProgressSchema } from "../training/checkpoint/progress.ts";
import { RunKeeper } from "../training/checkpoint/runKeeper.ts";
import { weightsMetadata } from "../training/checkpoint/weightsFile.ts";
import { rateOf } from "../training/liveness.ts";
import { pretrain, type PretrainOptions } from "../training/pretrain.ts";
import { localMimParameters } from "../core/methods/localmim/parameters.ts";
import { sha256 } from "../core/sha256.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { compiled, TINY } from "./engineTools.ts";
import { record } from "./reliability/record.ts";
import { inFolder } from "./reportTools.ts";
import { STATE, stateHash, timeless } from "./runState.ts";
import { FINETUNE, images, monitor, PRETRAIN, pretrainOptions } from "./trainingTools.ts";

/** Six blocks, some of which end a stage when they freeze. */
const MODEL = { ...TINY, depth: 6, stageBlocks: [2, 3, 5, 6] };

/** Two runs: with and without accumulation; warm-up, all freezes and epochs of which none ends with a freeze alone. */
const RUNS: Record<string, PretrainOptions> = {
  "24 steps": pretrainOptions(compiled, { ...PRETRAIN, epochs: 4, warmupEpochs: 0.5 }, { t0: 0.4 }, MODEL),
  "9 steps of 2 micro-batches": pretrainOptions(
    compiled,
    { ...PRETRAIN, epochs: 3, accumulation: 2 },
    { t0: 0.5, warmupEpochs: 0 },
    MODEL,
  ),
};

const options = (folder: string, due: (iteration: number) => boolean) => ({
  folder,
  run: { test: "resume" },
  mayDiffer: [],
  keep: 1000,
  due,
  say: (text: string) => {
    throw new Error(text);
  },
});
const pretrainKeeper = (keeper: RunKeeper) =>
  keeper.phase("pretrain", pretrainProgressSchema, weightsMetadata("localmim", MODEL));
const finetuneKeeper = (keeper: RunKeeper) => keeper.phase("finetune", finetuneProgressSchema, {});

/** A folder that holds one of the checkpoints of another. */
async function folderOf(folder: string, phase: string, iteration: number): Promise<string> {
  const name = `checkpoint-${phase}-${String(iteration).padStart(8, "0")}`, own = join(folder, name);
  await Deno.mkdir(own);
  for (const file of [`${name}.json`, `${name}.safetensors`]) await Deno.copyFile(join(folder, file), join(own, file));
  return own;
}

let resumed = 0;

for (const [name, run] of Object.entries(RUNS)) {
  const { schedule, config } = run, total = schedule.iterationsPerEpoch * config.epochs;

  Deno.test(`pre-training resumed at any step is the straight run, bit for bit: ${name}`, () =>
    inFolder(async (folder) => {
      const keeper = await RunKeeper.fresh(options(folder, () => true), "now");
      const straight = await pretrain({ ...run, keeper: pretrainKeeper(keeper) });
      const without = await pretrain(run);
      assertEqual(stateHash(straight.arena), stateHash(without.arena), "keeping checkpoints changes the run");
      const prunes = straight.events.filter(({ kind }) => kind === "prune").length;
      assertTrue(prunes >= 2 && straight.events.length >= 7, JSON.stringify(straight.events));
      for (let iteration = 0; iteration <= total; iteration++) {
        const own = await folderOf(folder, "pretrain", iteration);
        const again = await RunKeeper.resume(options(own, () => false), "later");
        assertEqual([again.start, again.found?.header.iteration], ["now", iteration]);
        let steps = 0;
        const ended = await pretrain({ ...run, keeper: pretrainKeeper(again), monitor: monitor(() => steps++) });
        assertEqual(steps, total - iteration, "steps that were run again");
        assertEqual(stateHash(ended.arena), stateHash(straight.arena), `resumed at ${iteration}`);
        assertEqual(timeless(ended), timeless(straight), `resumed at ${iteration}`);
        resumed++;
      }
    }));

  Deno.test(`from one checkpoint to the next what lives changes and what is frozen does not, by one bit: ${name}`, () =>
    inFolder(async (folder) => {
      const keeper = await RunKeeper.fresh(options(folder, () => true), "now");
      await pretrain({ ...run, keeper: pretrainKeeper(keeper) });
      const arenaAt = async (iteration: number) => {
        const arena = new Arena(localMimParameters(MODEL));
        const found = await findCheckpoint(await folderOf(folder, "pretrain", iteration), () => {});
        await readCheckpoint(join(folder, found!.name), found!, arena);
        return arena;
      };
      let frozen = 0, before = await arenaAt(0);
      for (let iteration = 0; iteration < total; iteration++) {
        const state = freezeState(schedule, iteration), after = await arenaAt(iteration + 1);
        for (const parameter of after.names()) {
          const { live, lr } = rateOf(parameter, state);
          const same = STATE.map((region) =>
            sha256(new Uint8Array(before.view(parameter, region).slice().buffer)) ===
              sha256(new Uint8Array(after.view(parameter, region).slice().buffer))
          );
          // At rate 0, the first step of warm-up, moments move and weights stay.
          assertEqual(same, live ? [lr === 0, false, false] : [true, true, true], `${parameter}, step ${iteration}`);
          if (!live) frozen++;
        }
        before = after;
      }
      assertTrue(frozen > total, `${frozen} frozen tensors were looked at`);
      await record(`resume-frozen ${total}`, {
        promise: "Frozen weights and their moments do not change by one bit; what lives does at every step",
        how: `checkpoints of each two neighbouring steps of ${name}, tensor by tensor`,
        count: `${frozen} frozen tensors of ${total} steps`,
      });
    }));
}

const CLASSIFIER = { ...TINY, numClasses: images.classes.length };
const tuning: FinetuneOptions = {
  engine: compiled,
  model: CLASSIFIER,
  config: { ...FINETUNE, epochs: 2, warmupEpochs: 0.5 },
  split: images.train,
  seed: 5,
  monitor: monitor(),
};

Deno.test("fine-tuning resumed at any step is the straight run, bit for bit", () =>
  inFolder(async (folder) => {
    const keeper = await RunKeeper.fresh(options(folder, () => true), "now");
    const straight = await finetune({ ...tuning, keeper: finetuneKeeper(keeper) });
    assertEqual(straight.arena.names().length, classifierParameters(CLASSIFIER).length);
    for (let iteration = 0; iteration <= 12; iteration++) {
      const again = await RunKeeper.resume(
        options(await folderOf(folder, "finetune", iteration), () => false),
        "later",
      );
      const ended = await finetune({ ...tuning, keeper: finetuneKeeper(again) });
      assertEqual(stateHash(ended.arena), stateHash(straight.arena), `resumed at ${iteration}`);
      assertEqual(timeless(ended), timeless(straight), `resumed at ${iteration}`);
      resumed++;
    }
    await record("resume", {
      promise: "A straight run and an interrupted, resumed one are the same, bit for bit",
      how:
        "weights, moments, losses, events; resumed at every step of three runs: warm-up, each freeze and prune and the " +
        "steps around them, mid-epoch, between micro-batches, fine-tuning",
      count: `${resumed} resumed runs`,
    });
  }));

Deno.test("an abort in mid-step saves the last boundary, and the run goes on from there", () =>
  inFolder(async (folder) => {
    const run = RUNS["24 steps"], straight = await pretrain(run);
    const keeper = await RunKeeper.fresh(options(folder, () => false), "now"), abort = new AbortController();
    const stop = monitor(({ done }) => done === 11 && abort.abort(new Interrupted("SIGINT")), abort.signal);
    await assertRejects(() => pretrain({ ...run, keeper: pretrainKeeper(keeper), monitor: stop }), "stopped by SIGINT");
    assertEqual(keeper.saved, { phase: "pretrain", iteration: 11 });
    const again = await RunKeeper.resume(options(folder, () => false), "later");
    const ended = await pretrain({ ...run, keeper: pretrainKeeper(again) });
    assertEqual(timeless(ended), timeless(straight));
    assertEqual(stateHash(ended.arena), stateHash(straight.arena));
  }));
