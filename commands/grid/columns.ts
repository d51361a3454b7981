import type { Cell, Plan } from "./plan.ts";

/** A thing in which the cells of a grid differ. */
export interface Column {
  name: string;
  /** In full; empty where it makes no difference to the cell. */
  value(cell: Cell): string;
}

/** The keys of `--set` lists, a column each. */
export function sweptColumns({ request: { sets } }: Plan): Column[] {
  return sets.filter(([, values]) => values.length > 1).map(([name, values]) => ({
    name,
    value: (cell) => {
      const own = cell.values[name] ?? [];
      return own.length === values.length ? "" : own.join(" or ");
    },
  }));
}

/** The rows that need a cell. */
export const ROWS: Column = { name: "rows", value: ({ rows }) => rows.join(" ") };
/** The seed of a cell. */
export const SEED: Column = { name: "seed", value: ({ phase: { seed } }) => String(seed) };

/** What is varied in a grid: rows, seeds and keys with more than one value. */
export function variedColumns(plan: Plan): Column[] {
  const rows = new Set(plan.cells.flatMap((cell) => cell.rows));
  return [...(rows.size > 1 ? [ROWS] : []), ...(plan.request.seeds > 1 ? [SEED] : []), ...sweptColumns(plan)];
}
