import { z } from "zod";
import { anyViewsFault } from "../../masking/rectangleViews.ts";
import { gridSize } from "../../models/config.ts";
import { vitFault, vitSchema } from "../../models/schema.ts";
import { number } from "../../numbers.ts";
import { sha256Text } from "../../sha256Text.ts";
import { rectangleShape } from "../viewsSchema.ts";
import type { BeitConfig } from "./config.ts";

/** Far beyond any tokenizer; keeps a slip of the pen from taking all memory. */
const MOST_WORDS = 1 << 16;

/** What a config of BEiT may be; `beitFault` tells what of it does not fit the rest. */
export const beitSchema: z.ZodType<BeitConfig> = vitSchema.extend({
  ...rectangleShape,
  vocabulary: number(
    `a whole number of words from 2 to ${MOST_WORDS}`,
    (n) => Number.isInteger(n) && n >= 2 && n <= MOST_WORDS,
  ),
  positions: z.enum(["relative", "absolute"], "relative or absolute"),
  tokenizer: z.union(
    [z.literal("projection"), z.strictObject({ sha256: sha256Text })],
    'projection, the tokenizer that needs no training, or {"sha256": …} of a file of words',
  ),
}).strict();

/** A value of a config that does not fit another one: key, value found, value wanted. */
export function beitFault(config: BeitConfig): string | undefined {
  return vitFault(config) ?? anyViewsFault(config, gridSize(config));
}
