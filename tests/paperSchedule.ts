import { localMim } from "../core/methods/localmim/method.ts";
import type { FreezeSchedule } from "../core/schedules/freezeSchedule.ts";
import { type FreezeOption, pretrain } from "../experiments/phases.ts";
import { VIT } from "../experiments/recipes/vit.ts";
import { pretrainConfigSchema } from "../training/config.ts";
import { scheduleOf } from "../training/schedule.ts";

const PAPER = { ...VIT.profiles.paper, seed: 0 };

/** The published pre-training model. */
export const VIT_B = PAPER.model;

/** The published schedule, in which layers freeze as `freezing` says; null: none does. */
export function paperSchedule(freezing: FreezeOption | null, iterationsPerEpoch: number): FreezeSchedule {
  const config = pretrainConfigSchema.parse(pretrain(PAPER, freezing).config);
  return scheduleOf(config, localMim.encoder(VIT_B), iterationsPerEpoch);
}
