import { z } from "zod";
import { atLeast1 } from "../../numbers.ts";

/** The keys that every net's config has. */
export const netKeys = { imageSize: atLeast1, numClasses: atLeast1 };

/** Far beyond any net; keeps a slip of the pen from taking all memory. */
export const MOST_LAYERS = 2000;

/** A list of whole numbers of at least 1. */
export function counts(example: string) {
  return z.array(atLeast1, `a list, e.g. ${example}`).min(1, `a list of at least one, e.g. ${example}`);
}

/** A side that the net's strides and pools do not halve evenly: key, value found, value wanted. */
export function sideFault(imageSize: number, factor: number): string | undefined {
  if (imageSize % factor) return `imageSize ${imageSize}: want a multiple of ${factor}, by which the net reduces it`;
}
