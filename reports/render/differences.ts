import { isSteady } from "../judging/machine.ts";
import { type Estimate, estimate } from "../judging/statistics.ts";
import type { MeasuredRow, ScaleReport } from "../model.ts";
import type { Comparison } from "./comparisons.ts";
import { pairsOf } from "./pairs.ts";

/** A pair of rows, and their difference in each column that both have. */
export interface Difference {
  row: MeasuredRow;
  against: MeasuredRow;
  byColumn: Map<string, Estimate>;
  /** Time of pre-training over the other's; there where both are known to have been measured on the same machine in the same state. */
  time?: Estimate;
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
      const values = paired(row, against, column, (own, other) => own - other);
      if (values.length) byColumn.set(column, estimate(values));
    }
    const time = timeRatio(row, against);
    return byColumn.size ? [{ row, against, byColumn, ...(time && { time }) }] : [];
  });
}

function timeRatio(row: MeasuredRow, against: MeasuredRow): Estimate | undefined {
  const known = [row, against].every(({ cells: { ratio } }) => ratio?.change !== undefined && isSteady(ratio.change));
  const ratios = known ? paired(row, against, "hours", (own, other) => own / other) : [];
  return ratios.length > 0 ? estimate(ratios) : undefined;
}

/** A number of two values, for each seed that both rows have in one environment. */
function paired(
  row: MeasuredRow,
  against: MeasuredRow,
  column: string,
  of: (own: number, other: number) => number,
): number[] {
  const [one, other] = [row, against].map(({ cells }) => cells[column]);
  return one && other ? pairsOf(one, other).map((pair) => of(pair.own, pair.other)) : [];
}

/** Whether a difference is larger than its interval. */
export function isClear({ mean, half }: Estimate): boolean {
  return half !== null && Math.abs(mean) > half;
}
