import type { EncoderShape } from "../core/methods/method.ts";
import { scaleLr } from "../core/optim/groups.ts";
import type { FreezeSchedule } from "../core/schedules/freezeSchedule.ts";
import { checkSchedule } from "../core/schedules/schedule.ts";
import type { PretrainConfig } from "./config.ts";

/**
 * The schedule of a pre-training. Where nothing freezes it is t0 = 1: every layer follows the global cosine.
 *
 * @param lrFactor on the learning rate, as the method's masked views ask for
 * @throws {UserError} when the settings do not make a schedule
 */
export function scheduleOf(
  config: PretrainConfig,
  { layers, stageBlocks }: Pick<EncoderShape, "layers" | "stageBlocks">,
  iterationsPerEpoch: number,
  lrFactor = 1,
): FreezeSchedule {
  const { batch, accumulation, baseLr, minLr, epochs, warmupEpochs } = config;
  const { backward: _backward, ...freeze } = config.freeze ?? NOTHING;
  return checkSchedule({
    layers,
    stageBlocks,
    ...freeze,
    baseLr: scaleLr(baseLr, batch * accumulation) * lrFactor,
    minLr,
    epochs,
    warmupEpochs,
    iterationsPerEpoch,
  });
}

/** A schedule in which nothing freezes. */
const NOTHING: NonNullable<PretrainConfig["freeze"]> = {
  t0: 1,
  power: 1,
  scaled: true,
  form: "code",
  decoders: "block",
  clsToken: "layer0",
  backward: "cut",
};
