import { z } from "zod";
import type { ConvMaeConfig } from "../../core/methods/convmae/config.ts";
import type { MaeConfig } from "../../core/methods/mae/config.ts";
import { maeSchema } from "../../core/methods/mae/schema.ts";
import { pairOf1 } from "../../core/models/schema.ts";
import { positive, positiveShare } from "../../core/numbers.ts";
import { linearSchema, pretrainingSchema } from "../../training/config.ts";
import type { ProbeSettings } from "../phases.ts";
import {
  type AllTokensRecipes,
  allTokensRecipes,
  type LargeFinetune,
  largeFinetuneSchema,
  largeModelShape,
} from "./allTokensSettings.ts";
import { hybridKeys, type MimSettings } from "./mimSettings.ts";

/** Settings of DMJD's Table VI: what sets its row apart from ConvMAE's, a larger encoder, and methods on a plain encoder. */
export interface HybridSettings extends MimSettings, AllTokensRecipes {
  method: "convmae";
  model: ConvMaeConfig;
  /** DMJD's rows. */
  joint: {
    /** Width of the stages' MLP over their channels, and of the decoder's: 8 in DMJD's released code, 4 in ConvMAE's. */
    mlpRatio: number;
    /** Views over those of ConvMAE's row: half of them, 800 of 1,600 effective epochs. */
    length: number;
    /** The same of rows that learn a teacher's features: a quarter, 400 effective epochs. */
    taughtLength: number;
    /** Range of the area of a random crop: DMJD's released code cuts larger ones than ConvMAE's. */
    cropScale: [number, number];
  };
  /** The larger encoder; it is pre-trained on as many views as DMJD's row. How its fine-tuning and its linear probe differ. */
  large: {
    model: Pick<ConvMaeConfig, "embedDim" | "depth" | "numHeads"> & { dims: [number, number] };
    finetune: LargeFinetune;
    linear: Pick<ProbeSettings["linear"], "epochs" | "baseLr">;
  };
  /** A masked autoencoder on a vision transformer: MAE's row, and the one of DMJD with MaskFeat's target. */
  plain: MaeConfig;
}

/** Messages say what is wanted. */
export const hybridSchema: z.ZodType<Omit<HybridSettings, "seed">> = hybridKeys.extend({
  ...allTokensRecipes,
  joint: z.strictObject({
    mlpRatio: positive,
    length: positiveShare,
    taughtLength: positiveShare,
    cropScale: pretrainingSchema.shape.cropScale,
  }),
  large: z.strictObject({
    model: z.strictObject({ ...largeModelShape, dims: pairOf1 }),
    finetune: largeFinetuneSchema,
    linear: linearSchema.pick({ epochs: true, baseLr: true }),
  }),
  plain: maeSchema,
});
