import type { Device } from "../../core/cost/device.ts";
import { DEVICES } from "../../core/cost/devices.ts";
import { relativeTimes } from "../../core/cost/runCost.ts";
import { OUR_CHOICES, RELEASED_CHOICES, type StepOptions } from "../../core/cost/stepCost.ts";
import type { LocalMimConfig } from "../../core/methods/localmim/config.ts";
import { localMimSchema } from "../../core/methods/localmim/schema.ts";
import { epochTimeByFrozenLayers } from "../logs/epochTimes.ts";
import { average } from "../judging/statistics.ts";
import type { FreezeSchedule } from "../../core/schedules/freezeSchedule.ts";
import { type PhaseRecord, stepSeconds } from "../../records/schema.ts";
import type { AuthorsRun } from "../sources/authors.ts";

/** What an epoch costs with so many frozen layers, relative to an epoch of the same run with none. */
export interface FrozenTime {
  /** Frozen layers; not whole where layers freeze within the epoch: then their mean over its steps. */
  frozen: number;
  share: number;
}

/** A program on a machine, as the cost model knows them. */
export interface Modelled {
  device: Device;
  options: Omit<StepOptions, "backward">;
}

/** The released program on the author's machine. */
export const RELEASED: Modelled = {
  device: DEVICES.v100,
  options: { ...RELEASED_CHOICES, batch: 256, accumulation: 8 },
};

/** This project's program on a CPU, at so many images of a pass. */
export function ourProgram(batch: number): Modelled {
  return { device: DEVICES.cpu, options: { ...OUR_CHOICES, batch, accumulation: 1 } };
}

/** What the cost model predicts: seconds of a step with 0, 1, … frozen layers, relative to none. */
export function modelledTimes(
  model: LocalMimConfig,
  { device, options }: Modelled,
  backward: "cut" | "live",
): FrozenTime[] {
  return relativeTimes(model, { ...options, backward }, device).map((share, frozen) => ({ frozen, share }));
}

/** The epochs of one of our pre-trainings; none where no epoch is free of frozen layers, or no time was measured. */
export function measuredTimes({ events, epochs }: PhaseRecord): FrozenTime[] {
  const freezes = events.filter(({ kind }) => kind === "freeze").map(({ iteration }) => iteration);
  let start = 0;
  const all = epochs.map(({ iterations, seconds }) => {
    const end = start + iterations;
    const frozen = freezes.reduce((sum, at) => sum + Math.min(Math.max((end - at) / iterations, 0), 1), 0);
    start = end;
    return { frozen, seconds: stepSeconds(seconds) };
  });
  const whole = average(all.filter(({ frozen }) => frozen === 0).map(({ seconds }) => seconds));
  if (!(whole > 0)) return [];
  return all.map(({ frozen, seconds }) => ({ frozen, share: seconds / whole }));
}

/** Model and images of a pass of a pre-training; undefined where it is of a method that the cost model does not know. */
export function recipeOf({ phase: { config } }: PhaseRecord): { model: LocalMimConfig; batch: number } | undefined {
  const { method, batch } = config;
  if (typeof method !== "object" || method === null || !("name" in method) || typeof batch !== "number") return;
  const { name, ...keys } = method, model = localMimSchema.safeParse(keys).data;
  return name === "localmim" && model ? { model, batch } : undefined;
}

/** The whole epochs of a log by the number of frozen layers; none where the log has no epoch without a frozen layer. */
export function loggedTimes(run: AuthorsRun, schedule: FreezeSchedule): FrozenTime[] {
  return epochTimeByFrozenLayers(run, schedule).flatMap(({ frozen, relative }) =>
    relative === null ? [] : [{ frozen, share: relative }]
  );
}
