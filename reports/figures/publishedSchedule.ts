import { z } from "zod";
import { checkSchedule } from "../../core/schedules/schedule.ts";
import type { FreezeSchedule } from "../../core/schedules/freezeSchedule.ts";
import { defaultStageBlocks } from "../../core/schedules/stages.ts";
import { UserError } from "../../core/errors.ts";
import type { PublishedFigure } from "../sources/publishedSchema.ts";

const parametersSchema = z.object({
  layers: z.int(),
  t0: z.number(),
  scale: z.enum(["cubic", "linear"]),
  lr_scaled: z.boolean(),
  warmup_fraction: z.number(),
});

/**
 * The schedule that a published figure of learning rates draws, over a run of the given length, with base rate 1.
 *
 * @param figure thesis figure 2 or 3, or figure 2 or 3 of the ViTFreeze paper
 * @param epochs length of the run; 100 makes epochs percent of training
 * @throws {UserError} when the figure's data has no such parameters
 */
export function publishedSchedule(
  figure: PublishedFigure,
  epochs: number,
  form: FreezeSchedule["form"],
): FreezeSchedule {
  const parsed = parametersSchema.safeParse(figure.plots?.parameters);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0];
    throw new UserError(`Cannot draw ${figure.id}: at plots.parameters.${path.join(".")}: ${message}`);
  }
  const { layers, t0, scale, lr_scaled, warmup_fraction } = parsed.data;
  return checkSchedule({
    layers,
    stageBlocks: defaultStageBlocks(layers),
    t0,
    power: scale === "cubic" ? 3 : 1,
    scaled: lr_scaled,
    baseLr: 1,
    minLr: 0,
    epochs,
    warmupEpochs: warmup_fraction * epochs,
    iterationsPerEpoch: 1,
    form,
    decoders: "block",
    clsToken: "layer0",
  });
}
