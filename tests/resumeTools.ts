import { PhaseKeeper } from "../training/checkpoint/phaseKeeper.ts";
import type { Trained } from "../training/loop.ts";
import type { Work } from "../training/work.ts";
import { assertEqual } from "./assert.ts";
import { keeperOptions } from "./keeperTools.ts";
import { stateHash, timeless } from "./runState.ts";
import { monitor } from "./trainingTools.ts";

/**
 * Goes on from the one checkpoint of a folder, kept by a run that began on 2026-01-01, and asserts that it ends bit for bit as the
 * straight run has.
 *
 * @returns the steps that were run again
 */
export async function assertResumes(
  folder: string,
  iteration: number,
  straight: Trained,
  run: (changed: Partial<Work>) => Promise<Trained>,
): Promise<number> {
  const keeper = await PhaseKeeper.open(keeperOptions(folder), "2026-01-02T00:00:00Z");
  assertEqual([keeper.start, keeper.found?.header.iteration], ["2026-01-01T00:00:00Z", iteration]);
  let steps = 0;
  const ended = await run({ keeper, monitor: monitor(() => steps++) });
  assertEqual(stateHash(ended.arena), stateHash(straight.arena), `resumed at ${iteration}`);
  assertEqual(timeless(ended), timeless(straight), `resumed at ${iteration}`);
  return steps;
}
