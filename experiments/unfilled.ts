import type { Experiment } from "./experiment.ts";
import { EXPERIMENTS } from "./mod.ts";

/** Why no experiment fills a published table. */
const TABLES: Readonly<Record<string, string>> = {
  "dmjd.table7": "segmentation and detection are not part of this project",
};

/**
 * Why no run can fill a cell of a published table; undefined where one can, and for what is no result.
 *
 * @param column any where it is not given: then only what a whole row or table lacks is told
 */
export function whyUnfilled(
  table: string,
  row: string,
  column?: string,
  experiments: readonly Experiment[] = EXPERIMENTS,
): string | undefined {
  const fill = experiments.flatMap(({ fills }) => fills).find((fill) => fill.table === table);
  if (fill === undefined) return TABLES[table];
  return fill.unfilled?.[row] ?? (column === undefined ? undefined : fill.unfilled?.[column]);
}
