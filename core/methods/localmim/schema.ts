import { z } from "zod";
import { atLeast1, oneOf, share } from "../../numbers.ts";
import { tokenCount } from "../../models/config.ts";
import { vitFault, vitSchema } from "../../models/schema.ts";
import { type LocalMimConfig, visibleCount } from "./config.ts";

/** What a config of LocalMIM may be; `localMimFault` tells what of it does not fit the rest. */
export const localMimSchema: z.ZodType<LocalMimConfig> = vitSchema.extend({
  maskRatio: share,
  stageBlocks: z.array(atLeast1, "a list of blocks, e.g. [2,4,10,12]"),
  stageScales: z.array(oneOf(4, 2, 1, 0.5), "a list, e.g. [4,2,1,0.5]"),
  decoderDim: atLeast1,
  decoderHeads: atLeast1,
  hogBins: atLeast1,
}).strict();

/** A value of a config that does not fit another one: key, value found, value wanted. */
export function localMimFault(config: LocalMimConfig): string | undefined {
  const { patchSize, depth, mlpRatio, decoderDim, decoderHeads, stageBlocks, stageScales, maskRatio } = config;
  const fault = vitFault(config), largest = Math.max(1, ...stageScales);
  if (config.imageSize / patchSize % 2) {
    return `patchSize ${patchSize}: want one that divides ${config.imageSize} pixels into an even grid`;
  }
  if (fault) return fault;
  if (patchSize % largest) {
    return `patchSize ${patchSize}: want a multiple of ${largest}, the cells per patch in stageScales`;
  }
  if (stageBlocks.length !== stageScales.length) {
    return `stageScales ${JSON.stringify(stageScales)}: want one per stage, ${stageBlocks.length}`;
  }
  if (stageBlocks.some((block, k) => block > depth || block <= (stageBlocks[k - 1] ?? 0))) {
    return `stageBlocks ${JSON.stringify(stageBlocks)}: want ascending blocks of the ${depth} there are`;
  }
  if (decoderDim % 4 || decoderDim % decoderHeads) {
    return `decoderDim ${decoderDim}: want a multiple of 4 and of the ${decoderHeads} decoderHeads`;
  }
  if (!Number.isInteger(decoderDim * mlpRatio)) {
    return `mlpRatio ${mlpRatio}: want one that makes a whole number of the decoders' ${decoderDim}`;
  }
  const tokens = tokenCount(config), visible = maskRatio < 1 ? visibleCount(config) : 0;
  if (visible < 1 || visible === tokens) {
    return `maskRatio ${maskRatio}: want some of the ${tokens} patches masked and some visible`;
  }
}
