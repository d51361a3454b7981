import type { CellState } from "./cellState.ts";
import { METRICS } from "./collect.ts";
import { ROWS, SEED, sweptColumns } from "./columns.ts";
import { csvText as csv } from "../../reports/figures/csv.ts";
import type { Plan } from "./plan.ts";

/**
 * The cells of a grid as CSV, a line each: kind, key, rows, seed, one column for
 * each swept key, state, metrics. A value that makes no difference to the cell is left empty.
 */
export function csvText(plan: Plan, states: readonly CellState[]): string {
  const swept = sweptColumns(plan), metrics = Object.keys(METRICS) as (keyof typeof METRICS)[];
  const head = ["kind", "key", ROWS.name, SEED.name, ...swept.map(({ name }) => name), "state", ...metrics];
  const lines = plan.cells.map((cell, i) => {
    const { kind, records: [first] } = states[i];
    return [
      ...[
        cell.phase.kind,
        cell.key,
        ROWS.value(cell),
        SEED.value(cell),
        ...swept.map(({ value }) => value(cell)),
        kind,
      ],
      ...metrics.map((metric) => String(first?.record.metrics[metric] ?? "")),
    ];
  });
  return csv(head, lines).slice(0, -1); // it is printed as lines are
}
