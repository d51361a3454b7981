import { z } from "zod";
import { atLeast1, positive } from "../numbers.ts";
import type { EncoderConfig, VitConfig } from "./config.ts";
import { hybridFault, isHybrid } from "./hybrid.ts";
import { isSwin, swinFault } from "./swin/config.ts";

/** Far beyond any model; keeps a slip of the pen from taking all memory. */
const MOST_BLOCKS = 1000, MOST_STAGES = 8;

/** What the shape of a vision transformer may be; `vitFault` tells what of it does not fit the rest. */
export const vitSchema = z.strictObject({
  imageSize: atLeast1,
  patchSize: atLeast1,
  embedDim: atLeast1,
  depth: atLeast1,
  numHeads: atLeast1,
  mlpRatio: positive,
});

/** Of two stages, or two of a kind. */
export const pairOf1 = z.tuple([atLeast1, atLeast1], "two whole numbers from 1");

/** What the convolution stages of a hybrid encoder may be. */
export const stagesSchema = z.strictObject({
  patchSizes: pairOf1,
  dims: pairOf1,
  depths: pairOf1,
  mlpRatio: positive,
  normEps: positive,
});

/** What the stages of a Swin transformer may be. */
export const swinSchema = z.strictObject({
  depths: z.array(atLeast1).min(1).max(MOST_STAGES),
  numHeads: z.array(atLeast1).min(1).max(MOST_STAGES),
  window: atLeast1,
});

/**
 * The same of an encoder that probes and fine-tuning take over: its positions or blocks may be BEiT's, or convolution stages stand in
 * front of it; `encoderFault` tells what of it does not fit the rest.
 */
export const encoderSchema = vitSchema.extend({
  positions: z.literal("relative", "relative, or nothing for positions of tokens").optional(),
  layerScale: positive.optional(),
  stages: stagesSchema.optional(),
  swin: swinSchema.optional(),
}).strict();

/** The same of a classifier; `encoderFault` holds for it as well. */
export const classifierSchema = encoderSchema.extend({ numClasses: atLeast1 }).strict();

/** A value of a shape that does not fit another one: key, value found, value wanted. */
export function vitFault(config: VitConfig): string | undefined {
  const { imageSize, patchSize, embedDim, depth, numHeads, mlpRatio } = config;
  if (imageSize % patchSize) return `patchSize ${patchSize}: want one that divides ${imageSize} pixels`;
  if (embedDim % 4 || embedDim % numHeads) {
    return `embedDim ${embedDim}: want a multiple of 4 and of the ${numHeads} numHeads`;
  }
  if (depth > MOST_BLOCKS) return `depth ${depth}: want at most ${MOST_BLOCKS} blocks`;
  if (!Number.isInteger(embedDim * mlpRatio)) {
    return `mlpRatio ${mlpRatio}: want one that makes a whole number of ${embedDim}`;
  }
}

/** The same of an encoder that may have stages, of convolutions or of Swin. */
export function encoderFault(config: EncoderConfig): string | undefined {
  const fault = vitFault(config), { positions, layerScale, stages, swin } = config;
  if (fault || !(stages ?? swin)) return fault;
  if (positions) return `positions ${positions}: want none where there are stages`;
  if (layerScale !== undefined) return `layerScale ${layerScale}: want none where there are stages`;
  if (stages && swin) return "swin: want none where there are convolution stages";
  return isHybrid(config) ? hybridFault(config) : isSwin(config) ? swinFault(config) : undefined;
}
