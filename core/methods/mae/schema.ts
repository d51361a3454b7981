import { z } from "zod";
import { viewsFault } from "../../masking/drawViews.ts";
import { gridSize } from "../../models/config.ts";
import { vitFault, vitSchema } from "../../models/schema.ts";
import { atLeast0, atLeast1 } from "../../numbers.ts";
import { sha256Text } from "../../sha256Text.ts";
import { viewsShape } from "../viewsSchema.ts";
import { HOG_CELLS, isHog, type MaeConfig, type MaeTeacher } from "./config.ts";

/** Whose features are predicted. */
export const teacherSchema: z.ZodType<MaeTeacher> = z.strictObject({
  weights: sha256Text,
  dim: atLeast1,
  loss: z.enum(["squared", "cosine"], "squared or cosine"),
});

/** Keys of a masked autoencoder's config. */
export const maeKeys = vitSchema.extend({
  ...viewsShape,
  pattern: z.enum(["uniform", "cells"], "uniform or cells"),
  target: z.enum(
    ["pixels", "normPixels", "hog", "hogL2", "features"],
    "pixels, normPixels, hog, hogL2 or features",
  ),
  teacher: teacherSchema.optional(),
  decoderDim: atLeast1,
  decoderDepth: atLeast1,
  decoderHeads: atLeast1,
  visible: z.strictObject({
    projector: z.enum(["mlp3", "linear"], "mlp3 or linear"),
    pairing: z.enum(["aligned", "released"], "aligned or released"),
    weight: atLeast0,
  }, "an object or null").nullable(),
}).strict();

/** What a config of MAE may be; `maeFault` tells what of it does not fit the rest. */
export const maeSchema: z.ZodType<MaeConfig> = maeKeys;

/** A value of a config that does not fit another one: key, value found, value wanted. */
export function maeFault(config: MaeConfig): string | undefined {
  const { decoderDim, decoderHeads, mlpRatio, target, teacher, patchSize } = config;
  const fault = vitFault(config) ?? viewsFault(config, gridSize(config));
  if (fault) return fault;
  if (decoderDim % 4 || decoderDim % decoderHeads) {
    return `decoderDim ${decoderDim}: want a multiple of 4 and of the ${decoderHeads} decoderHeads`;
  }
  if (!Number.isInteger(decoderDim * mlpRatio)) {
    return `mlpRatio ${mlpRatio}: want one that makes a whole number of the decoder's ${decoderDim}`;
  }
  if (target === "features" && !teacher) return `target features: want a teacher whose features they are`;
  if (target !== "features" && teacher) return `teacher: it has no effect with target ${target}; want target features`;
  if (isHog({ target }) && patchSize % HOG_CELLS) return `patchSize ${patchSize}: want an even one, for cells of HOG`;
}
