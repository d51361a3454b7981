import { z } from "zod";
import type { BeitConfig } from "../../core/methods/beit/config.ts";
import { beitSchema } from "../../core/methods/beit/schema.ts";
import type { MaskFeatConfig } from "../../core/methods/maskfeat/config.ts";
import { maskFeatSchema } from "../../core/methods/maskfeat/schema.ts";
import type { SimMimConfig } from "../../core/methods/simmim/config.ts";
import { simMimSchema } from "../../core/methods/simmim/schema.ts";
import type { VitConfig } from "../../core/models/config.ts";
import { atLeast1, positiveShare, share } from "../../core/numbers.ts";
import { finetuningSchema, pretrainingSchema } from "../../training/config.ts";
import { labelledSchema } from "../data.ts";
import type { FinetuneSettings, UnfrozenSettings } from "../phases.ts";
import { type MimSettings, mimShape } from "./mimSettings.ts";

/** Models of the methods whose encoders see all patches. */
export interface AllTokensModels {
  simmim: SimMimConfig;
  beit: BeitConfig;
  maskfeat: MaskFeatConfig;
}

/** A method's own recipe, and its disjoint views. */
export interface OwnRecipe<Model> {
  /** The baseline: a single view. */
  model: Model;
  pretrain: UnfrozenSettings["pretrain"];
  finetune: FinetuneSettings["finetune"];
  /** What as many views as `disjoint.views` mask, in which pattern, and their views over the baseline's. */
  disjoint: { pattern: string; maskRatio: number; predRatio: number; length: number };
}

/** A recipe for each of these methods. */
export type AllTokensRecipes = { [Name in keyof AllTokensModels]: OwnRecipe<AllTokensModels[Name]> };

/** How fine-tuning of a larger model differs. */
export type LargeFinetune = Pick<FinetuneSettings["finetune"], "epochs" | "lr" | "layerDecay" | "dropPath">;

/** Settings of DMJD's Table III: those of masked autoencoders, three methods more, and a larger model. */
export interface AllTokensSettings extends MimSettings, AllTokensRecipes {
  /** The larger model of the lower half of the table, and how its fine-tuning differs. */
  large: {
    model: Pick<VitConfig, "embedDim" | "depth" | "numHeads">;
    finetune: LargeFinetune;
  };
}

const own = <Model>(model: z.ZodType<Model>, ...patterns: string[]) =>
  z.strictObject({
    model,
    pretrain: pretrainingSchema,
    finetune: finetuningSchema.extend({ data: labelledSchema }),
    disjoint: z.strictObject({
      pattern: z.enum(patterns, `${patterns.slice(0, -1).join(", ")} or ${patterns.at(-1)}`),
      maskRatio: share,
      predRatio: positiveShare,
      length: positiveShare,
    }),
  });

/** Keys of a larger model's shape. */
export const largeModelShape = { embedDim: atLeast1, depth: atLeast1, numHeads: atLeast1 };
/** Keys of its fine-tuning. */
export const largeFinetuneSchema = finetuningSchema.pick({ epochs: true, lr: true, layerDecay: true, dropPath: true });

/** Keys of these recipes. */
export const allTokensRecipes = {
  simmim: own(simMimSchema, "uniform", "cells"),
  beit: own(beitSchema, "uniform", "cells", "rectangles"),
  maskfeat: own(maskFeatSchema, "uniform", "cells", "rectangles"),
};

/** Messages say what is wanted. */
export const allTokensSchema: z.ZodType<Omit<AllTokensSettings, "seed">> = z.strictObject({
  ...mimShape,
  ...allTokensRecipes,
  large: z.strictObject({
    model: z.strictObject(largeModelShape),
    finetune: largeFinetuneSchema,
  }),
});
