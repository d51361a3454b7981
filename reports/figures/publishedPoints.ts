import type { AuthorsCell } from "../vocabulary.ts";
import type { CostPoint } from "./pareto.ts";

/** The rows of a published table, and what it says of its recipe. */
interface Printed {
  rows: { key: string; label: string; values: Record<string, unknown> }[];
  recipe: Record<string, unknown>;
}

/**
 * Hours and accuracies of LocalMIM at several lengths and of the ways of freezing, as printed.
 *
 * @param table11 LocalMIM at several lengths, and ViTFreeze
 * @param table17 adds the rows that Table 11 lacks
 */
export function printedPoints(table11: Printed, table17: Printed): CostPoint[] {
  return [...table11Points(table11), ...table17Points(table11, table17)];
}

function table11Points({ rows }: Printed): CostPoint[] {
  return rows.map(({ key, label, values }) => {
    const freezes = !key.startsWith("localmim");
    const name = freezes ? label : `${values.pt_epochs} epochs`;
    return { key, name, freezes, hours: Number(values.total_hours), top1: Number(values.top1) };
  });
}

/** Rows of Table 17 that Table 11 lacks; their hours are those of an epoch times the epochs of the recipe. */
function table17Points({ rows: known }: Printed, { rows, recipe }: Printed): CostPoint[] {
  const absent = rows.filter(({ key }) => key !== "localmim" && !known.some((row) => row.key === key));
  return absent.map(({ key, label, values }) => ({
    key,
    name: label,
    freezes: true,
    hours: Number(values.gpu_hours) * Number(recipe.pretrain_epochs),
    top1: Number(values.top1),
  }));
}

/**
 * The printed points that the logs tell as well, with the logs' values.
 *
 * @param cells of Table 11
 */
export function loggedPoints(printed: CostPoint[], cells: readonly AuthorsCell[]): CostPoint[] {
  return printed.flatMap((point) => {
    const value = (column: string) => cells.find((cell) => cell.row === point.key && cell.column === column)?.value;
    const hours = value("total_hours"), top1 = value("top1");
    return hours === undefined || top1 === undefined ? [] : [{ ...point, hours, top1 }];
  });
}
