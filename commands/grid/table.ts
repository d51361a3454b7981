import { type CellState, STATES } from "./cellState.ts";
import { type Column, ROWS, variedColumns } from "./columns.ts";
import type { Cell, Plan } from "./plan.ts";

/** Lines of a table: columns as wide as their widest cell, two spaces between them. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => [...row[column]].length)));
  const line = (row: readonly string[]) => row.map((cell, i) => cell.padEnd(widths[i])).join("  ").trimEnd();
  return rows.map(line).join("\n");
}

/**
 * The plan as a table: cell, what is varied, state; with jobs a column for the scheduler's.
 *
 * @param jobs what the scheduler says of each cell, by name
 */
export function planText(plan: Plan, states: readonly CellState[], jobs?: ReadonlyMap<string, string>): string {
  const { request: { experiment, profile, sets, probes, passed }, cells } = plan, columns = variedColumns(plan);
  const fixed = sets.filter(([, values]) => values.length === 1).map(([key, [value]]) => `${key}=${value}`);
  const common = [...fixed, ...(probes.length > 0 ? ["--probes", probes.join(",")] : []), ...passed].join(" ");
  const rows = cells.map((cell, i) => [
    cell.name,
    ...columns.map((column) => shown(column, cell)),
    stateText(states[i]),
    ...(jobs ? [jobs.get(cell.name) ?? "-"] : []),
  ]);
  return [
    `Grid of ${experiment}, profile ${profile}: ${cells.length} ${cells.length === 1 ? "phase" : "phases"}`,
    ...(common === "" ? [] : [`all of them: ${common}`]),
    "",
    textTable([["phase", ...columns.map(({ name }) => name), "state", ...(jobs ? ["job"] : [])], ...rows]),
    "",
    STATES.map((wanted) => `${states.filter(({ kind }) => kind === wanted).length} ${wanted}`).join(", "),
  ].join("\n");
}

/** A value as it stands in the table: of several rows the first one. */
function shown(column: Column, cell: Cell): string {
  if (column === ROWS && cell.rows.length > 1) return `${cell.rows[0]} +${cell.rows.length - 1}`;
  return column.value(cell) || "-";
}

/** A state in words. */
export function stateText({ kind, detail }: CellState): string {
  if (kind === "resumable") return `resumable at ${detail}`;
  if (kind === "waiting" && detail.startsWith("for ")) return `waiting ${detail}`;
  return detail === "" ? kind : `${kind}: ${detail}`;
}
