import { z } from "zod";
import { viewsFault } from "../../masking/drawViews.ts";
import { gridSize } from "../../models/config.ts";
import { encoderFault, swinSchema, vitSchema } from "../../models/schema.ts";
import { viewsShape } from "../viewsSchema.ts";
import type { SimMimConfig } from "./config.ts";

/** What a config of SimMIM may be; `simMimFault` tells what of it does not fit the rest. */
export const simMimSchema: z.ZodType<SimMimConfig> = vitSchema.extend({
  ...viewsShape,
  pattern: z.enum(["uniform", "cells"], "uniform or cells"),
  swin: swinSchema.optional(),
}).strict();

/** A value of a config that does not fit another one: key, value found, value wanted. */
export function simMimFault(config: SimMimConfig): string | undefined {
  return encoderFault(config) ?? viewsFault(config, gridSize(config));
}
