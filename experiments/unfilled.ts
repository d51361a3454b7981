import { EXPERIMENTS } from "./mod.ts";

/** Why no experiment fills a published table. */
const TABLES: Readonly<Record<string, string>> = {
  "dmjd.table7": "segmentation and detection are not part of this project",
};

/**
 * Why no run fills a cell of a published table; undefined where one does, and where the experiment gives no reason. A column that
 * follows from others is among those that no run fills.
 *
 * @param column any where it is not given: then only what a whole row or table lacks is told
 */
export function whyUnfilled(table: string, row: string, column?: string): string | undefined {
  const fill = EXPERIMENTS.flatMap(({ fills }) => fills).find((fill) => fill.table === table);
  if (fill === undefined) return TABLES[table];
  return fill.unfilled?.[row] ?? (column === undefined ? undefined : fill.unfilled?.[column]);
}
