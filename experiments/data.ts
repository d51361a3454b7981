import { z } from "zod";

const wanted = "a whole number of at least 1, or null for all";
const count = z.number(wanted).refine((n) => Number.isInteger(n) && n >= 1, wanted);

/** The section `data` of settings. */
export const dataSchema = z.strictObject({
  source: z.string("procedural or the name of a source"),
  classes: z.union([z.string(), count], "a subset's name, a number of classes, or null for all").nullable(),
  train: count.nullable(),
  test: count.nullable(),
});

/** Images of a phase with labels: the key `data` of its section. */
export const labelledSchema = z.strictObject({
  train: z.union([z.literal("same"), count], `${wanted}, or same`).nullable(),
});
