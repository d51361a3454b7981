import { z } from "zod";

const key = z.string();
const column = z.string();

/** About the printed numbers alone; no run can test it. */
const printed = z.strictObject({ kind: z.literal("printed"), why: z.string() });

/** Nothing can be evaluated, neither on the print nor on runs. */
const unchecked = z.strictObject({ kind: z.literal("unchecked"), why: z.string() });

/** Decided by the author's log alone, by what is computed from it. */
const logged = z.strictObject({ kind: z.literal("logged"), what: z.literal("decoders"), why: z.string() });

/** A definition that the project's own code computes; `expr` where the claim's own expression rests on the print. */
const exact = z.strictObject({ kind: z.literal("exact"), by: z.string(), expr: z.string().optional() });

/** Published values that runs at the published scale should meet; with `below`, how far `row` lies below that row. */
const value = z.strictObject({
  kind: z.literal("value"),
  targets: z.array(z.strictObject({ row: key, column, below: key.optional(), value: z.number() })).min(1),
  tolerance: z.number().positive(),
});

/** Each row of a chain is better than the next one. */
const ordering = z.strictObject({
  kind: z.literal("ordering"),
  chains: z.array(z.strictObject({ column, order: z.array(key).min(2) })).min(1),
  noisy: z.boolean().default(true),
});

/** One row is better than each of the others, in every column. */
const best = z.strictObject({
  kind: z.literal("best"),
  columns: z.array(column).min(1),
  row: key,
  over: z.array(key).min(1),
});

/**
 * By how much `row` is better than `over`: within bounds, above 0 unless given. `by` is the published lead, which runs at
 * the published scale should reach within its tolerance.
 */
const lead = z.strictObject({
  column,
  row: key,
  over: key,
  low: z.number().default(0),
  high: z.number().default(Infinity),
  by: z.strictObject({ value: z.number(), tolerance: z.number().positive() }).optional(),
  noisy: z.boolean().default(true),
});

const difference = z.strictObject({ kind: z.literal("difference"), leads: z.array(lead).min(1) });

/** Each row takes at most `ratio + tolerance` of the baseline's time. */
const timeRatio = z.strictObject({
  kind: z.literal("timeRatio"),
  column,
  baseline: key,
  rows: z.array(key).min(1),
  ratio: z.number().positive(),
  tolerance: z.number().positive(),
});

/** Of what row `of` lies below the baseline, row `by` wins back the given share, give or take `tolerance`. */
const recovery = z.strictObject({
  kind: z.literal("recovery"),
  column,
  baseline: key,
  of: key,
  by: key,
  share: z.number(),
  tolerance: z.number().positive(),
});

/**
 * Numbers that are computed from one observation and lie within bounds. Columns of `settings` are taken from the print,
 * all others are measured. Rows of other tables are those of the same observation; see `rowName`.
 */
const contrasts = z.strictObject({
  kind: z.literal("contrasts"),
  scale: z.literal("published").optional(),
  settings: z.array(column).default([]),
  numbers: z.array(z.strictObject({
    what: z.string(),
    expr: z.string(),
    low: z.number().default(-Infinity),
    high: z.number().default(Infinity),
    noisy: z.boolean().default(true),
    decimals: z.int().min(0).default(2),
  })).min(1),
});

/** Rests on other claims. */
const checks = z.strictObject({ kind: z.literal("checks"), checks: z.array(z.string()).min(1) });

/** How one claim is read on measured runs; the rules are explained in reports/judging/verdicts.ts. */
export const ruleSchema = z.discriminatedUnion("kind", [
  printed,
  unchecked,
  logged,
  exact,
  value,
  ordering,
  best,
  difference,
  timeRatio,
  recovery,
  contrasts,
  checks,
]);

/** How one claim is read on measured runs. */
export type Rule = z.infer<typeof ruleSchema>;
/** A rule of one kind. */
export type RuleOf<K extends Rule["kind"]> = Extract<Rule, { kind: K }>;
