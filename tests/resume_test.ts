import { Interrupted } from "../cli/interrupt.ts";
import { Arena } from "../core/engine/arena.ts";
import { localMimParameters, ownerOf } from "../core/methods/localmim/parameters.ts";
import { freezeState } from "../core/schedules/freezeState.ts";
import { sha256 } from "../core/sha256.ts";
import { findCheckpoint, readCheckpoint } from "../training/checkpoint/checkpointFiles.ts";
import { NO_SUMS } from "../training/checkpoint/progress.ts";
import { PhaseKeeper } from "../training/checkpoint/phaseKeeper.ts";
import type { PretrainConfig } from "../training/config.ts";
import { rateOf } from "../training/liveness.ts";
import { train, type Trained } from "../training/loop.ts";
import { linearObjective } from "../training/phases/linear.ts";
import type { Work } from "../training/work.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { normals, TINY } from "./engineTools.ts";
import { folderOf, keeperOptions } from "./keeperTools.ts";
import { record } from "./reliability/record.ts";
import { inFolder } from "./reportTools.ts";
import { assertResumes } from "./resumeTools.ts";
import { STATE, stateHash, timeless } from "./runState.ts";
import { FINETUNE, finetune, monitor, pretrain, pretrainConfig, scheduleIn, workOf } from "./trainingTools.ts";

/** Six blocks, some of which end a stage when they freeze. */
const MODEL = { ...TINY, depth: 6, stageBlocks: [2, 3, 5, 6] };

/** Two runs: with and without accumulation; warm-up, all freezes and epochs of which none ends with a freeze alone. */
const PRETRAINING: Record<string, PretrainConfig> = {
  "24 steps": pretrainConfig({ epochs: 4, warmupEpochs: 0.5 }, { t0: 0.4 }, MODEL),
  "9 steps of 2 micro-batches": pretrainConfig({ epochs: 3, accumulation: 2 }, {}, MODEL),
};
const TUNING = { ...FINETUNE, epochs: 2, warmupEpochs: 0.5 };

/** Features that no image has: 26 of 8 numbers, three classes. */
const FEATURES = { values: normals(26 * 8, 4), labels: Int32Array.from({ length: 26 }, (_, i) => i % 3), dim: 8 };

/** The linear probe's head, by whichever optimiser. */
function probe(optimizer: "lars" | "sgd", changed: Partial<Work>): Promise<Trained> {
  const config = {
    model: FINETUNE.model,
    epochs: 3,
    warmupEpochs: 0.5,
    batch: 6,
    optimizer,
    baseLr: 4,
    momentum: 0.9,
    weightDecay: 0.01,
    pool: "mean" as const,
    testCropRatio: 1,
  };
  return train(linearObjective(config, FEATURES, 3, 5), workOf(changed));
}

/** Phases of all kinds that take steps: how many, and what is run. */
const RUNS: Record<string, { total: number; run: (changed: Partial<Work>) => Promise<Trained> }> = {
  ...Object.fromEntries(
    Object.entries(PRETRAINING).map(([name, config]) => {
      const total = scheduleIn(config).iterationsPerEpoch * config.epochs;
      return [`pre-training, ${name}`, { total, run: (changed: Partial<Work>) => pretrain(config, changed) }];
    }),
  ),
  "fine-tuning": { total: 12, run: (changed) => finetune(TUNING, changed) },
  "fine-tuning from a pre-trained encoder, 6 steps of 2 micro-batches": {
    total: 6,
    run: async (changed) => {
      const { arena: from } = await pretrained;
      return await finetune({ ...TUNING, accumulation: 2 }, { ...changed, from });
    },
  },
  "the linear probe by LARS": { total: 12, run: (changed) => probe("lars", changed) },
  "the linear probe by SGD": { total: 12, run: (changed) => probe("sgd", changed) },
};
const pretrained = pretrain(pretrainConfig());

let resumed = 0;

for (const [name, { total, run }] of Object.entries(RUNS)) {
  Deno.test(`a phase resumed at any step is the straight run, bit for bit: ${name}`, () =>
    inFolder(async (folder) => {
      const snapshots = [1, 2],
        keeper = await PhaseKeeper.open(keeperOptions(folder, () => true), "2026-01-01T00:00:00Z");
      const straight = await run({ keeper, snapshots }), without = await run({ snapshots });
      assertEqual(stateHash(straight.arena), stateHash(without.arena), "keeping checkpoints changes the run");
      assertEqual(timeless(straight), timeless(without), "keeping checkpoints changes the record");
      const kept = Object.values(straight.weights);
      assertTrue(kept.length > 1 && new Set(kept).size === kept.length, "nothing was trained");
      if (name.startsWith("pre-training")) {
        const prunes = straight.events.filter(({ kind }) => kind === "prune").length;
        assertTrue(prunes >= 2 && straight.events.length >= 7, JSON.stringify(straight.events));
      }
      for (let iteration = 0; iteration <= total; iteration++) {
        const own = await folderOf(folder, iteration);
        const steps = await assertResumes(own, iteration, straight, (changed) => run({ ...changed, snapshots }));
        assertEqual(steps, total - iteration, "steps that were run again");
        resumed++;
      }
      await record("resume", {
        promise: "A straight run and an interrupted, resumed one are the same, bit for bit",
        how:
          "weights, moments, losses, events; pre-training, fine-tuning and linear probes resumed at every step: warm-up, " +
          "each freeze and prune and the steps around them, mid-epoch, between micro-batches",
        count: `${resumed} resumed runs`,
      });
    }));
}

for (const [name, config] of Object.entries(PRETRAINING)) {
  const schedule = scheduleIn(config), total = schedule.iterationsPerEpoch * config.epochs;

  Deno.test(`from one checkpoint to the next what lives changes and what is frozen does not, by one bit: ${name}`, () =>
    inFolder(async (folder) => {
      await pretrain(config, {
        keeper: await PhaseKeeper.open(keeperOptions(folder, () => true), "2026-01-01T00:00:00Z"),
      });
      const arenaAt = async (iteration: number) => {
        const arena = new Arena(localMimParameters(MODEL)), own = await folderOf(folder, iteration);
        await readCheckpoint(own, (await findCheckpoint(own, () => {}))!, arena);
        return arena;
      };
      let frozen = 0, before = await arenaAt(0);
      for (let iteration = 0; iteration < total; iteration++) {
        const state = freezeState(schedule, iteration), after = await arenaAt(iteration + 1);
        for (const parameter of after.names()) {
          const { live, lr } = rateOf(ownerOf(parameter), state);
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

Deno.test("an abort in mid-step saves the last boundary, and the run goes on from there", () =>
  inFolder(async (folder) => {
    const config = PRETRAINING["24 steps"], straight = await pretrain(config);
    const keeper = await PhaseKeeper.open(keeperOptions(folder), "2026-01-01T00:00:00Z"), abort = new AbortController();
    const stop = monitor(({ done }) => done === 11 && abort.abort(new Interrupted("SIGINT")), abort.signal);
    await assertRejects(() => pretrain(config, { keeper, monitor: stop }), "stopped by SIGINT");
    assertEqual(keeper.saved, 11);
    const again = await PhaseKeeper.open(keeperOptions(folder), "2026-01-02T00:00:00Z"),
      ended = await pretrain(config, { keeper: again });
    assertEqual(timeless(ended), timeless(straight));
    assertEqual(stateHash(ended.arena), stateHash(straight.arena));
  }));

Deno.test("a checkpoint whose epochs do not fit its step is refused before a step is taken", async () => {
  const config = PRETRAINING["24 steps"], { epochs } = await pretrain(config); // 4 epochs of 6 steps
  const cases: [step: number, recorded: typeof epochs, found: string][] = [
    [11, epochs.slice(0, 2), "2 whole epochs, want 1 of 6 steps, or --fresh"],
    [12, epochs.slice(0, 1), "1 whole epochs, want 2 of 6 steps, or --fresh"],
    [12, epochs.slice(1, 3), "2 whole epochs, want 2 of 6 steps, or --fresh"],
    [30, [...epochs, { ...epochs[3], epoch: 4 }], "5 whole epochs, want 5 of 6 steps, or --fresh"],
  ];
  for (const [iteration, recorded, found] of cases) {
    const progress = { epochs: recorded, events: [], weights: {}, sums: NO_SUMS }, none = () => Promise.resolve();
    const keeper = {
      restore: () => Promise.resolve({ iteration, progress }),
      offer: none,
      save: none,
      leaveWeights: none,
    };
    await assertRejects(
      () => pretrain(config, { keeper }),
      `after step ${iteration} of 24: the checkpoint tells of ${found}`,
    );
  }
});
