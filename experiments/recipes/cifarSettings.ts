import { z } from "zod";
import { atLeast0, positive, positiveShare } from "../../core/numbers.ts";
import { trainingSchema } from "../../training/config.ts";
import type { TrainConfig } from "../../training/settings.ts";
import { dataSchema } from "../data.ts";
import type { Settings } from "../experiment.ts";

/** An optimiser's rate and weight decay. */
export interface Rate {
  lr: number;
  weightDecay: number;
}

/** Settings of the thesis's chapter on convolutional networks (4.1.1 to 4.3). */
export interface CifarSettings extends Settings {
  /** The network; see core/models/convnet. */
  net: TrainConfig["net"];
  /** What all runs share. */
  train: Pick<TrainConfig, "epochs" | "batch" | "accumulation" | "padding" | "mean" | "std" | "validation">;
  /** FreezeOut's own SGD. */
  sgd: Rate;
  /** SGD with AdamW's rate and weight decay (thesis 4.3.5), as printed. */
  sgdStar: Rate;
  /** AdamW as printed. */
  adamw: Rate;
  /** Where layers freeze. */
  freeze: { t0: number; power: number };
  /**
   * "printed": SGD* and AdamW at their printed rates. "built-in": at FreezeOut's own, which its code writes over any other
   * before each step.
   */
  rates: "printed" | "built-in";
  /** "true": t_i counts the iterations that are run. "released": an epoch counts as so many as FreezeOut's code has built in. */
  length: "true" | "released";
  /** Iterations of an epoch in the released code: 1000 where 900 are run. */
  releasedLength: number;
}

const rate = z.strictObject({ lr: positive, weightDecay: atLeast0 });

/** Messages say what is wanted. */
export const cifarSchema: z.ZodType<Omit<CifarSettings, "seed">> = z.strictObject({
  data: dataSchema,
  net: z.looseObject({ name: z.string("a family's name"), imageSize: z.int("a number of pixels") }),
  train: trainingSchema.pick({
    epochs: true,
    batch: true,
    accumulation: true,
    padding: true,
    mean: true,
    std: true,
    validation: true,
  }),
  sgd: rate,
  sgdStar: rate,
  adamw: rate,
  freeze: z.strictObject({ t0: positiveShare, power: positive }),
  rates: z.enum(["printed", "built-in"], "printed or built-in"),
  length: z.enum(["true", "released"], "true or released"),
  releasedLength: positive,
});
