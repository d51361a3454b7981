import { z } from "zod";
import type { LocalMimConfig } from "../../core/methods/localmim/config.ts";
import { localMimSchema } from "../../core/methods/localmim/schema.ts";
import { positive } from "../../core/numbers.ts";
import { finetuningSchema, freezingSchema, knnSchema, linearSchema, pretrainingSchema } from "../../training/config.ts";
import { dataSchema, labelledSchema } from "../data.ts";
import type { FinetuneSettings, PretrainSettings, ProbeSettings } from "../phases.ts";

/** The thesis's subsets of ImageNet-1K (its Table 3). */
export type SubsetName = "in100" | "in25" | "in10" | "in5";

/** Settings of the ViT tables: LocalMIM, with and without freezing, then fine-tuning or probes. */
export interface VitSettings extends FinetuneSettings, ProbeSettings {
  /** LocalMIM pre-trains all of them. */
  method: "localmim";
  /** What stands in for the thesis's subsets at this scale: names of subsets, or so many classes. */
  subsets: Record<SubsetName, string | number> & {
    /** Base learning rate there over that of all classes (thesis 4.5.1: 1.0e-4 beside 2.0e-4). */
    lrFactor: number;
  };
  /** Encoder, decoders and targets. */
  model: LocalMimConfig;
  /** Length, batch and rates of pre-training. */
  pretrain: PretrainSettings["pretrain"];
  /** How layers freeze. */
  freeze: PretrainSettings["freeze"] & {
    /** Power of SR-LR in the rows that use it (thesis 4.5.2: 0.8). */
    srLrPower: number;
  };
  /** What goes with 16 times as long a pre-training; as ever unless given. */
  long?: {
    pretrain: Pick<PretrainSettings["pretrain"], "warmupEpochs">;
    finetune: Pick<FinetuneSettings["finetune"], "lr" | "minLr" | "layerDecay">;
  };
  /** Lengths of the runs that stand beside the printed ones. */
  controls: {
    /** Epochs of training from scratch that take about as long as LocalMIM's pre-training and fine-tuning together. */
    scratchEpochs: number;
    /** Epochs of LocalMIM that take about as long as ViTFreeze's pre-training. */
    stopEpochs: number;
  };
}

const subset = z.union([z.string(), z.int().positive()], "a subset's name or a number of classes");

const epochs = z.int("a whole number of epochs").positive("a whole number of epochs");

/** Messages say what is wanted. */
export const vitSchema: z.ZodType<Omit<VitSettings, "seed">> = z.strictObject({
  data: dataSchema,
  method: z.literal("localmim", "localmim"),
  subsets: z.strictObject({ in100: subset, in25: subset, in10: subset, in5: subset, lrFactor: positive }),
  model: localMimSchema,
  pretrain: pretrainingSchema,
  freeze: freezingSchema.extend({ srLrPower: positive }),
  finetune: finetuningSchema.extend({ data: labelledSchema }),
  linear: linearSchema.extend({ data: labelledSchema }),
  knn: knnSchema.extend({ data: labelledSchema }),
  long: z.strictObject({
    pretrain: pretrainingSchema.pick({ warmupEpochs: true }),
    finetune: finetuningSchema.pick({ lr: true, minLr: true, layerDecay: true }),
  }).optional(),
  controls: z.strictObject({ scratchEpochs: epochs, stopEpochs: epochs }),
});
