import { type Estimate, estimate } from "../judging/statistics.ts";
import type { MeasuredRow, ScaleReport } from "../model.ts";
import type { Comparison } from "./comparisons.ts";

/** A pair of rows, and their difference in each column that both have. */
export interface Difference {
  row: MeasuredRow;
  against: MeasuredRow;
  byColumn: Map<string, Estimate>;
}

/** The differences of all pairs that were run at a scale, in the order of the pairs. */
export function differencesOf(
  { rows }: ScaleReport,
  { columns, pairs }: Pick<Comparison, "columns" | "pairs">,
): Difference[] {
  const named = new Map(rows.map((row) => [row.key, row]));
  return pairs.flatMap(([one, other]) => {
    const row = named.get(one), against = named.get(other), byColumn = new Map<string, Estimate>();
    if (!row || !against) return [];
    for (const column of columns) {
      const values = pairedValues(row, against, column);
      if (values.length) byColumn.set(column, estimate(values));
    }
    return byColumn.size ? [{ row, against, byColumn }] : [];
  });
}

/** Row minus the other, for each seed that both have in one environment. */
function pairedValues(row: MeasuredRow, against: MeasuredRow, column: string): number[] {
  const others = against.cells[column]?.values ?? [];
  return (row.cells[column]?.values ?? []).flatMap(({ seed, environment, value }) => {
    const other = others.find((one) => one.seed === seed && one.environment === environment);
    return other ? [value - other.value] : [];
  });
}

/** Whether a difference is larger than its interval. */
export function isClear({ mean, half }: Estimate): boolean {
  return half !== null && Math.abs(mean) > half;
}
