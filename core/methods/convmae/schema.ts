import type { z } from "zod";
import { hybridFault } from "../../models/hybrid.ts";
import { stagesSchema } from "../../models/schema.ts";
import { maeFault, maeKeys } from "../mae/schema.ts";
import type { ConvMaeConfig } from "./config.ts";

/** What a config of ConvMAE may be; `convMaeFault` tells what of it does not fit the rest. */
export const convMaeSchema: z.ZodType<ConvMaeConfig> = maeKeys.extend({ stages: stagesSchema }).strict();

/** A value of a config that does not fit another one: key, value found, value wanted. */
export function convMaeFault(config: ConvMaeConfig): string | undefined {
  const { decoderDim, stages: { mlpRatio } } = config, fault = maeFault(config) ?? hybridFault(config);
  if (fault) return fault;
  if (!Number.isInteger(decoderDim * mlpRatio)) {
    return `stages.mlpRatio ${mlpRatio}: want one that makes a whole number of the decoder's ${decoderDim}`;
  }
}
