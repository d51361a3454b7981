import { z } from "zod";
import { anyViewsFault } from "../../masking/rectangleViews.ts";
import { gridSize } from "../../models/config.ts";
import { vitFault, vitSchema } from "../../models/schema.ts";
import { rectangleShape } from "../viewsSchema.ts";
import { HOG_CELLS, type MaskFeatConfig } from "./config.ts";

/** What a config of MaskFeat may be; `maskFeatFault` tells what of it does not fit the rest. */
export const maskFeatSchema: z.ZodType<MaskFeatConfig> = vitSchema.extend({
  ...rectangleShape,
  gaussian: z.boolean("true or false"),
}).strict();

/** A value of a config that does not fit another one: key, value found, value wanted. */
export function maskFeatFault(config: MaskFeatConfig): string | undefined {
  const fault = vitFault(config) ?? anyViewsFault(config, gridSize(config));
  if (fault) return fault;
  if (config.patchSize % HOG_CELLS) return `patchSize ${config.patchSize}: want an even one, for cells of HOG`;
}
