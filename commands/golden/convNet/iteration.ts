import type { SafetensorsFile } from "../../../core/safetensors/tensor.ts";
import { type FreezeOutSchedule, freezeOutState } from "../../../core/schedules/freezeOut.ts";
import { largestError, type Quantity, quantity } from "../check.ts";
import { absoluteError, type Named, worst } from "./compare.ts";
import { floats, keepOf, oneHot } from "./fixture.ts";
import { batchOf } from "./pool.ts";
import type { Trainee } from "./trainee.ts";

/**
 * Allowed errors. In so many inputs one of a ReLU may lie within rounding of 0 and change its sign: a gradient then differs
 * in one channel, and from there on losses by up to 1e-3. A single iteration from the fixture's own state has no such past.
 */
export const TOLERANCE = {
  loss: 1e-3,
  weights: 1e-3,
  moments: 1e-2,
  logits: 5e-3,
  oneLoss: 1e-5,
  oneStep: 2e-3,
  input: 1e-6,
};
/** The first batch as the fixture's own pipeline made it. */
export function checkInput(file: SafetensorsFile): Quantity[] {
  if (!file.tensors.has("x_it0")) return [];
  return [
    quantity(
      "images of the first batch",
      largestError(batchOf(file, 0).images, floats(file, "x_it0")),
      TOLERANCE.input,
    ),
  ];
}

/** Trains one iteration; returns its loss. */
export async function iterate(
  trainee: Trainee,
  file: SafetensorsFile,
  schedule: FreezeOutSchedule,
  iteration: number,
  classes: number,
): Promise<number> {
  const { images, labels } = batchOf(file, iteration), { layerLr, firstLive } = freezeOutState(schedule, iteration);
  const { loss: [loss] } = await trainee.pass(
    { images, targets: oneHot(labels, classes), ...keepOf(file, iteration) },
    labels.length,
    firstLive,
  );
  trainee.update(layerLr, firstLive, iteration + 1);
  return loss;
}

/** Weights and running statistics beside those under a prefix. */
export function compareWeights({ arena }: Trainee, file: SafetensorsFile, prefix: string): Named {
  return worst(arena.names().map((name) => absoluteError(file, prefix, name, arena.view(name))));
}

/** Moments beside those that the fixture has of them, `key` making their prefix; nothing where it has none. */
export function compareMoments(
  trainee: Trainee,
  file: SafetensorsFile,
  key: (moment: string) => string,
): Named | undefined {
  const errors = trainee.parameters.flatMap((name) =>
    Object.entries(trainee.moments(name)).flatMap(([moment, values]) =>
      file.tensors.has(`${key(moment)}/${name}`) ? [absoluteError(file, key(moment), name, values)] : []
    )
  );
  return errors.length > 0 ? worst(errors) : undefined;
}
