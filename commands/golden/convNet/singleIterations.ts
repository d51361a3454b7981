import { getTensor } from "../../../core/safetensors/get.ts";
import type { SafetensorsFile } from "../../../core/safetensors/tensor.ts";
import type { FreezeOutSchedule } from "../../../core/schedules/freezeOut.ts";
import { quantity } from "../check.ts";
import { type Named, worst } from "./compare.ts";
import type { FixtureConfig } from "./fixture.ts";
import { compareMoments, compareWeights, iterate, TOLERANCE } from "./iteration.ts";
import type { Trainee } from "./trainee.ts";

/** Single iterations, each from the state that the fixture has before it. */
export async function checkSingle(
  trainee: Trainee,
  file: SafetensorsFile,
  variant: string,
  schedule: FreezeOutSchedule,
  config: FixtureConfig,
) {
  const losses = getTensor(file, `${variant}/loss`, Float64Array).data,
    before = (j: number) => `${variant}/state_before_it${j}`;
  const has = (j: number) => file.tensors.has(`${before(j)}/sd/${trainee.parameters[0]}`);
  const known = [...losses.keys()].filter(has), errors: number[] = [], steps: Named[] = [];
  for (const j of known) {
    trainee.load(file, `${before(j)}/sd`);
    trainee.loadMoments(file, before(j));
    errors.push(Math.abs(await iterate(trainee, file, schedule, j, config.classes) / losses[j] - 1));
    if (has(j + 1)) {
      steps.push(compareWeights(trainee, file, `${before(j + 1)}/sd`));
      steps.push(compareMoments(trainee, file, (moment) => `${before(j + 1)}/${moment}`) ?? [NaN, "moments missing"]);
    }
  }
  return known.length === 0 ? [] : [
    quantity(
      `${variant}: losses of single iterations`,
      Math.max(...errors),
      TOLERANCE.oneLoss,
      `iterations ${known.join(", ")}`,
    ),
    quantity(
      `${variant}: what a single iteration leaves`,
      worst(steps)[0],
      TOLERANCE.oneStep,
      `worst ${worst(steps)[1]}`,
    ),
  ];
}
