import { Arena } from "../core/engine/arena.ts";
import { methodOf } from "../core/methods/mod.ts";
import { freezeState } from "../core/schedules/freezeState.ts";
import { iterationsPerEpoch } from "../training/batches.ts";
import { findCheckpoint, readCheckpoint } from "../training/checkpoint/checkpointFiles.ts";
import { PhaseKeeper } from "../training/checkpoint/phaseKeeper.ts";
import type { PretrainConfig } from "../training/config.ts";
import { gradientNames, rateOf } from "../training/liveness.ts";
import { scheduleOf } from "../training/schedule.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { folderOf, keeperOptions } from "./keeperTools.ts";
import { inFolder } from "./reportTools.ts";
import { assertResumes } from "./resumeTools.ts";
import { images, pretrain, pretrainConfig } from "./trainingTools.ts";

/**
 * Pre-trains for six steps of which the last ones freeze, and asserts that the run goes on bit for bit from checkpoints before
 * and behind a freeze; that from the last one on what is frozen keeps its bits and what is live does not; and that the backward
 * pass gives what is live a gradient, and nothing else.
 *
 * @param iterations at which it is resumed: the last of them the last step
 */
export async function assertFrozenRunResumes(
  model: PretrainConfig["method"],
  iterations: readonly number[],
): Promise<void> {
  const { method, config: own } = methodOf(model), parameters = method.parameters(own);
  const config: PretrainConfig = {
    ...pretrainConfig({ epochs: 3, batch: 12, baseLr: 0.02 }, { t0: 0.4 }),
    method: model,
  };
  await inFolder(async (folder) => {
    const keeper = await PhaseKeeper.open(keeperOptions(folder, () => true), "2026-01-01T00:00:00Z");
    const straight = await pretrain(config, { keeper }), states: Arena[] = [];
    for (const iteration of iterations) {
      const at = await folderOf(folder, iteration), arena = new Arena(parameters);
      await readCheckpoint(at, (await findCheckpoint(at, () => {}))!, arena);
      states.push(arena);
      await assertResumes(at, iteration, straight, (changed) => pretrain(config, changed));
    }
    const perEpoch = iterationsPerEpoch(images.train.length, config.batch, config.accumulation);
    const late = freezeState(scheduleOf(config, method.encoder(own), perEpoch), iterations.at(-1)!);
    const owner = (tensor: string) => method.owner(tensor, own);
    const live = new Set(gradientNames(parameters, owner, late, "cut")), last = states.at(-1)!;
    let frozen = 0;
    for (const { name } of parameters) {
      const same = last.view(name).every((value, k) => value === straight.arena.view(name)[k]);
      assertEqual(same, !rateOf(owner(name), late).live, name);
      if (same) frozen++;
    }
    assertTrue(frozen > 5 && live.size === parameters.length - frozen, `${frozen} frozen tensors`);
  });
}
