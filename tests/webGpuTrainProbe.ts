// Trains on WebGPU and on the CPU and prints what differs, as JSON; webGpu_test.ts gives it a Vulkan.

import { CompiledEngine } from "../core/engine/compiled.ts";
import type { Engine } from "../core/engine/engine.ts";
import { ALONE, type Ranks } from "../core/parallel/ranks.ts";
import { webGpu } from "../core/engine/ort/webGpu.ts";
import { PhaseKeeper } from "../training/checkpoint/phaseKeeper.ts";
import { train, type Trained } from "../training/loop.ts";
import { linearObjective } from "../training/phases/linear.ts";
import type { Work } from "../training/work.ts";
import { relativeNorm } from "./assert.ts";
import { compiled, normals } from "./engineTools.ts";
import { folderOf, keeperOptions } from "./keeperTools.ts";
import { inFolder } from "./reportTools.ts";
import { assertResumes } from "./resumeTools.ts";
import { STATE } from "./runState.ts";
import { FINETUNE, pretrain, pretrainConfig, TWO_STAGES, workOf } from "./trainingTools.ts";

const device = new CompiledEngine(1, undefined, webGpu);

/** The first of two ranks, of which the other one always brings the same losses and gradients. */
const TWINS: Ranks = {
  ...ALONE,
  size: 2,
  hosts: ["a", "b"],
  processes: ["a", "b"],
  sum: (where, values = []) => Promise.resolve(values.map((value) => where.includes(" step ") ? 2 * value : value)),
  reduce: (values) => Promise.resolve(values.forEach((value, k) => values[k] = 2 * value)),
};

/** How far a run is off another one: losses, and the worst tensor of weights and of each moment. */
function difference(run: Trained, wanted: Trained) {
  const losses = ({ epochs }: Trained) => epochs.map(({ losses }) => losses.loss!);
  // A key's bias has no gradient but what rounding leaves, of which AdamW makes steps of full length.
  const names = wanted.arena.names().filter((name) => !name.endsWith("attn.qkv.bias"));
  const worst = STATE.map((region) =>
    Math.max(
      ...names.map((name) => {
        const found = run.arena.view(name, region), other = wanted.arena.view(name, region);
        return other.some((value) => value !== 0)
          ? relativeNorm(found, other)
          : Number(found.some((value) => value !== 0));
      }),
    )
  );
  return {
    losses: Math.max(...losses(wanted).map((loss, k) => Math.abs(losses(run)[k] / loss - 1))),
    state: Object.fromEntries(STATE.map((region, k) => [region, worst[k]])),
    events: run.events.length,
    sameEvents: JSON.stringify(run.events) === JSON.stringify(wanted.events),
  };
}

/** Six steps of two micro-batches; blocks freeze before the third and the fifth, the first stage's decoder ends with them. */
const config = pretrainConfig({ epochs: 2, warmupEpochs: 0.5, accumulation: 2 }, { t0: 0.4 }, TWO_STAGES);
const on = (engine: Engine, changed: Partial<Work> = {}) => pretrain(config, { engine, ...changed });

/** A linear head's SGD on features that no image has. */
const probe = (engine: Engine) => {
  const features = { values: normals(26 * 8, 4), labels: Int32Array.from({ length: 26 }, (_, i) => i % 3), dim: 8 };
  const head = { model: FINETUNE.model, epochs: 2, warmupEpochs: 0.5, batch: 6, optimizer: "sgd" as const, baseLr: 4 };
  const objective = { ...head, momentum: 0.9, weightDecay: 0.01, pool: "mean" as const, testCropRatio: 1 };
  return train(linearObjective(objective, features, 3, 5), workOf({ engine }));
};

const cpu = await on(compiled), report: Record<string, unknown> = { adapter: device.info.adapter };
await inFolder(async (folder) => {
  const keeper = await PhaseKeeper.open(keeperOptions(folder, () => true), "2026-01-01T00:00:00Z");
  const straight = await on(device, { keeper });
  report.freezing = difference(straight, cpu);
  const at = straight.events.map(({ iteration }) => iteration), resumed = [...new Set([at[0], at[0] + 1])];
  for (const iteration of resumed) {
    await assertResumes(await folderOf(folder, iteration), iteration, straight, (changed) => on(device, changed));
  }
  report.resumed = resumed.length;
});
report.ranks = difference(await on(device, { ranks: TWINS, accum: 1 }), await on(compiled, { ranks: TWINS, accum: 1 }));
report.sgd = difference(await probe(device), await probe(compiled));
console.log(JSON.stringify(report));
