import { resultId } from "../../records/identity.ts";
import type { RunResult } from "../../records/schema.ts";
import { scalesOf } from "../tables/scales.ts";

/** Our runs of one scale, by row and seed. */
export interface OwnScale {
  /** The profile, and a part of a hash where a profile has several scales. */
  id: string;
  runs: RunResult[];
}

/** The order of rows in Table 17, whose keys the runs carry. */
export interface RowNames {
  key: string;
  label: string;
}

/**
 * Runs by the scales of the tables, the largest first; within a scale in the order of the rows, then of the seeds.
 *
 * @throws {UserError} when one row of a scale was run with two configurations
 */
export function ownScales(results: RunResult[], rows: RowNames[]): OwnScale[] {
  const linked = results.map((result) => ({ id: resultId(result), href: "", result }));
  const place = ({ row }: RunResult) => rows.findIndex(({ key }) => key === row);
  return scalesOf(linked, []).map(({ id, block }) => ({
    id,
    runs: (block?.runs ?? []).map(({ result }) => result).toSorted((a, b) => place(a) - place(b) || a.seed - b.seed),
  }));
}

/** The runs of a scale row by row, with the row's name. */
export function byRow({ runs }: OwnScale, rows: RowNames[]): { key: string; label: string; runs: RunResult[] }[] {
  return rows.flatMap(({ key, label }) => {
    const own = runs.filter(({ row }) => row === key);
    return own.length === 0 ? [] : [{ key, label, runs: own }];
  });
}
