import { z } from "zod";
import { convMaeSchema } from "../../core/methods/convmae/schema.ts";
import type { MaeConfig, MaeTeacher } from "../../core/methods/mae/config.ts";
import { maeSchema, teacherSchema } from "../../core/methods/mae/schema.ts";
import { atLeast0, positiveShare, share } from "../../core/numbers.ts";
import { finetuningSchema, knnSchema, linearSchema, pretrainingSchema } from "../../training/config.ts";
import { dataSchema, labelledSchema } from "../data.ts";
import type { FinetuneSettings, ProbeSettings, UnfrozenSettings } from "../phases.ts";

/** What views of a pattern mask: a share of their own patches, and together. */
export interface Rates {
  maskRatio: number;
  predRatio: number;
}

/** Settings of DMJD's tables on masked autoencoders: one view of an image, or several; then fine-tuning or probes. */
export interface MimSettings extends UnfrozenSettings, FinetuneSettings, ProbeSettings {
  /** Masked autoencoders pre-train all of them: on a vision transformer, or on a hybrid encoder. */
  method: "mae" | "convmae";
  /** Encoder, decoder, target and the masks of the baseline. */
  model: MaeConfig;
  /** Length, batch and rates of pre-training, in views: an epoch with two views of each image counts twice (DMJD's ETE). */
  pretrain: UnfrozenSettings["pretrain"];
  /** Disjoint masking. */
  disjoint: {
    /** Views of an image in a step. */
    views: number;
    /** Their warm-up, in epochs; null: the baseline's share of the length. */
    warmupEpochs: number | null;
    uniform: Rates;
    /** Cells of 2 x 2 patches. */
    cells: Rates;
  };
  /** Whose features are the targets of a control; `--teacher PATH` says it. Null: there is no such control. */
  teacher: MaeTeacher | null;
  /** Views of a run over those of Table II, whose 1,600 effective epochs are `pretrain.epochs` in the paper. */
  lengths: {
    /** Table I: 100 epochs of two views. */
    rates: number;
    /** Tables IV and V: 50 epochs of two views. */
    distillation: number;
    /** A single view for as many seconds as disjoint views of Table II take. */
    seconds: number;
  };
}

const rates = z.strictObject({ maskRatio: share, predRatio: positiveShare });

/** What of the settings a recipe that has more keeps; messages say what is wanted. */
export const mimShape = {
  data: dataSchema,
  method: z.literal("mae", "mae"),
  model: maeSchema,
  pretrain: pretrainingSchema,
  disjoint: z.strictObject({
    views: z.int("a whole number of views").min(2, "at least 2 views"),
    warmupEpochs: atLeast0.nullable(),
    uniform: rates,
    cells: rates,
  }),
  teacher: teacherSchema.nullable(),
  lengths: z.strictObject({ rates: positiveShare, distillation: positiveShare, seconds: positiveShare }),
  finetune: finetuningSchema.extend({ data: labelledSchema }),
  linear: linearSchema.extend({ data: labelledSchema }),
  knn: knnSchema.extend({ data: labelledSchema }),
};

/** The same of hybrid encoders. */
export const hybridKeys = z.strictObject({
  ...mimShape,
  method: z.literal("convmae", "convmae"),
  model: convMaeSchema,
});

/** Messages say what is wanted. */
export const mimSchema: z.ZodType<Omit<MimSettings, "seed">> = z.discriminatedUnion(
  "method",
  [z.strictObject(mimShape), hybridKeys],
  "mae or convmae",
);
