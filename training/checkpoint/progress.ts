import { z } from "zod";
import { epochSchema, eventSchema } from "../../records/schema.ts";

const seconds = z.record(z.string(), z.number().nonnegative());

/** Sums over the steps of the epoch under way, by the names of losses and parts. */
const sumsSchema = z.strictObject({
  losses: z.record(z.string(), z.number()),
  /** Steps in which a loss was there. */
  counts: z.record(z.string(), z.int().nonnegative()),
  seconds,
  wall: z.number().nonnegative(),
  exchangedBytes: z.int().nonnegative(),
});

/** What a phase has recorded so far: whole epochs, events, weights that were kept, and the sums of the epoch under way. */
export const progressSchema = z.strictObject({
  epochs: z.array(epochSchema),
  events: z.array(eventSchema),
  weights: z.record(z.string(), z.string()),
  sums: sumsSchema,
});
export type Progress = z.infer<typeof progressSchema>;
export type Sums = Progress["sums"];

/** The sums at an epoch's start. */
export const NO_SUMS: Sums = { losses: {}, counts: {}, seconds: {}, wall: 0, exchangedBytes: 0 };
