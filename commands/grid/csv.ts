import type { CellState } from "./cellState.ts";
import { METRICS } from "./collect.ts";
import { ROWS, SEED, sweptColumns } from "./columns.ts";
import type { Plan } from "./plan.ts";

/**
 * The cells of a grid as CSV (RFC 4180, but for lines that end in LF), a line each: kind, key, rows, seed, one column for
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
  return [head, ...lines].map((fields) => fields.map(quoted).join(",")).join("\n");
}

function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
