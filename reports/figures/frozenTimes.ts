import { z } from "zod";
import { pretrainFlops } from "../../core/cost/flops.ts";
import type { LocalMimConfig } from "../../core/models/config.ts";
import { epochTimeByFrozenLayers } from "../logs/epochTimes.ts";
import { average } from "../judging/statistics.ts";
import type { FreezeSchedule } from "../../core/schedules/schedule.ts";
import type { RunResult } from "../results/schema.ts";
import type { AuthorsRun } from "../sources/authors.ts";

/** What an epoch costs with so many frozen layers, relative to an epoch of the same run with none. */
export interface FrozenTime {
  /** Frozen layers; not whole where layers freeze within the epoch: then their mean over its steps. */
  frozen: number;
  share: number;
}

/** What the cost model counts instead of seconds: operations of a step with 0, 1, … frozen layers. */
export function modelledTimes(model: LocalMimConfig, backward: "cut" | "live"): FrozenTime[] {
  const flops = Array.from({ length: model.depth + 1 }, (_, frozen) =>
    pretrainFlops(model, {
      liveLayers: Array.from({ length: model.depth + 1 }, (_, layer) => layer >= frozen),
      liveStages: model.stageBlocks.map((block) => block >= frozen),
    }, backward));
  return flops.map((own, frozen) => ({ frozen, share: own / flops[0] }));
}

/** The epochs of one of our runs; none where no epoch is free of frozen layers, or no time was measured. */
export function measuredTimes({ events, pretrain: { epochs } }: RunResult): FrozenTime[] {
  const freezes = events.filter(({ kind }) => kind === "freeze").map(({ iteration }) => iteration);
  let start = 0;
  const all = epochs.map(({ iterations, seconds }) => {
    const end = start + iterations;
    const frozen = freezes.reduce((sum, at) => sum + Math.min(Math.max((end - at) / iterations, 0), 1), 0);
    start = end;
    return { frozen, seconds: seconds.hog + seconds.step + seconds.optimizer };
  });
  const whole = average(all.filter(({ frozen }) => frozen === 0).map(({ seconds }) => seconds));
  if (!(whole > 0)) return [];
  return all.map(({ frozen, seconds }) => ({ frozen, share: seconds / whole }));
}

const modelSchema = z.object({
  imageSize: z.number(),
  patchSize: z.number(),
  embedDim: z.number(),
  depth: z.number(),
  numHeads: z.number(),
  mlpRatio: z.number(),
  maskRatio: z.number(),
  stageBlocks: z.array(z.number()),
  stageScales: z.array(z.number()),
  decoderDim: z.number(),
  decoderHeads: z.number(),
  hogBins: z.number(),
});

/** The model that a run's configuration describes; undefined where it is of another form. */
export function modelOf({ config }: RunResult): LocalMimConfig | undefined {
  return modelSchema.safeParse(config.model).data;
}

/** The whole epochs of a log by the number of frozen layers; none where the log has no epoch without a frozen layer. */
export function loggedTimes(run: AuthorsRun, schedule: FreezeSchedule): FrozenTime[] {
  return epochTimeByFrozenLayers(run, schedule).flatMap(({ frozen, relative }) =>
    relative === null ? [] : [{ frozen, share: relative }]
  );
}
