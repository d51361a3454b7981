import { z } from "zod";

const key = z.string();
const column = z.string();

/** About the printed numbers alone; no run can test it. */
const printed = z.strictObject({ kind: z.literal("printed"), why: z.string() });

/** Published values that runs at the published scale should meet; with `below`, how far `row` lies below that row. */
const value = z.strictObject({
  kind: z.literal("value"),
  targets: z.array(z.strictObject({ row: key, column, below: key.optional(), value: z.number() })),
  tolerance: z.number().positive(),
});

/** Each row of `order` is better than the next one. */
const ordering = z.strictObject({ kind: z.literal("ordering"), column, order: z.array(key).min(2) });

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

/** What a file of reports/claims/ holds. */
export const claimsSchema = z.strictObject({
  table: z.string(),
  /** Other published tables that the expressions name. */
  related: z.array(z.string()),
  claims: z.array(z.strictObject({
    id: z.string(),
    expr: z.string(),
    rule: z.discriminatedUnion("kind", [printed, value, ordering, timeRatio, recovery]),
  })),
});

/** The rules of one table's claims. */
export type ClaimRules = z.infer<typeof claimsSchema>;
/** How one claim is read on measured runs. */
export type Rule = ClaimRules["claims"][number]["rule"];
