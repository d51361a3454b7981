import type { CellState } from "./cellState.ts";
import type { Plan } from "./plan.ts";

/** Lines of a table: columns as wide as their widest cell, two spaces between them. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => [...row[column]].length)));
  const line = (row: readonly string[]) => row.map((cell, i) => cell.padEnd(widths[i])).join("  ").trimEnd();
  return rows.map(line).join("\n");
}

/**
 * The plan as a table: cell, what tells its settings from the others', state; with jobs a column for the scheduler's.
 *
 * @param jobs what the scheduler says of each cell, by name
 */
export function planText(plan: Plan, states: readonly CellState[], jobs?: ReadonlyMap<string, string>): string {
  const { request: { experiment, profile, sets, passed }, cells } = plan;
  const varied = sets.filter(([, values]) => values.length > 1).map(([key]) => key);
  const fixed = sets.filter(([, values]) => values.length === 1).map(([key, [value]]) => `${key}=${value}`);
  const common = [...fixed, ...passed].join(" ");
  const settings = (cell: Plan["cells"][number]) =>
    varied.filter((key) => key in cell.settings).map((key) => `${key}=${cell.settings[key]}`).join(" ") || "-";
  const rows = cells.map((cell, i) => [
    cell.name,
    settings(cell),
    stateText(states[i]),
    ...(jobs ? [jobs.get(cell.name) ?? "-"] : []),
  ]);
  return [
    `Grid of ${experiment}, profile ${profile}: ${cells.length} ${cells.length === 1 ? "cell" : "cells"}`,
    ...(common === "" ? [] : [`all of them: ${common}`]),
    "",
    textTable([["cell", "settings", "state", ...(jobs ? ["job"] : [])], ...rows]),
    "",
    countsText(states),
  ].join("\n");
}

/** A state in words. */
export function stateText({ kind, detail }: CellState): string {
  if (kind === "resumable") return `resumable at ${detail}`;
  return detail === "" ? kind : `${kind}: ${detail}`;
}

function countsText(states: readonly CellState[]): string {
  const kinds = ["done", "running", "resumable", "waiting", "failed"];
  return kinds.map((wanted) => `${states.filter(({ kind }) => kind === wanted).length} ${wanted}`).join(", ");
}
