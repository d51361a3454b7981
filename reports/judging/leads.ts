import { estimated } from "../format.ts";
import type { PublishedTable } from "../sources/publishedSchema.ts";
import type { RuleOf } from "../sources/ruleSchema.ts";
import type { Contrast } from "./contrast.ts";
import type { SeedObservations } from "./observations.ts";
import { paired } from "./paired.ts";
import { type Estimate, estimate } from "./statistics.ts";

/** What a rule's rows are read in. */
export interface RowContext {
  table: PublishedTable;
  /** Whether the observations are of the published scale. */
  published: boolean;
  /** A row's name in words. */
  label: (row: string) => string;
  /** Whether the rule reads several columns, so that each is named. */
  severalColumns: boolean;
}

/** Of a difference as it is shown. */
const MOST_DECIMALS = 6;

type Lead = RuleOf<"difference">["leads"][number];

/**
 * By how much one row is better than another: above 0 where it is, also in columns in which less is better. At the
 * published scale a lead with a published size has to reach that size, less its tolerance; elsewhere the direction counts.
 */
export function leadContrast(lead: Lead, seeds: readonly SeedObservations[], context: RowContext): Contrast {
  const { column, row, over, low, high, noisy, by } = lead, { table, published, label } = context;
  const sign = table.columns.find(({ key }) => key === column)?.better === "lower" ? -1 : 1;
  const values = paired(seeds, column, [row, over], (own, other) => sign * (own - other));
  const size = values.length === 0 ? "" : sizeText(estimate(values), decimalsOf(table, column));
  const text = size && `${label(row)} ${size} over ${label(over)}${columnName(context, column)}`;
  const contrast = { text, values, low, high, noisy };
  if (!by || !published) return contrast;
  const better = { from: by.value + by.tolerance, side: "above", words: "gains more than published" } as const;
  return { ...contrast, low: Math.max(low, by.value - by.tolerance), better };
}

/** " in Top-5" where a rule reads several columns, else "". */
export function columnName({ table, severalColumns }: RowContext, column: string): string {
  return severalColumns ? ` in ${table.columns.find(({ key }) => key === column)?.label ?? column}` : "";
}

/** With more decimals where these would leave nothing of it: hours of a small run. */
function sizeText(found: Estimate, decimals: number): string {
  const size = Math.max(Math.abs(found.mean), found.half ?? 0);
  const lost = size >= 10 ** -MOST_DECIMALS && size < 0.5 * 10 ** -decimals;
  const shown = lost ? 1 - Math.floor(Math.log10(size)) : decimals;
  return estimated(found, Math.min(shown, MOST_DECIMALS), true);
}

/** As many decimals as the print has, at least two. */
function decimalsOf(table: PublishedTable, column: string): number {
  const printed = table.rows.map(({ values }) => values[column]).filter((value) => typeof value === "number");
  return Math.max(2, ...printed.map((value) => String(value).split(".")[1]?.length ?? 0));
}
