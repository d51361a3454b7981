import { listedRows } from "../format.ts";
import { ruleCells } from "../sources/ruleCells.ts";
import type { Rule } from "../sources/ruleSchema.ts";

/**
 * Why no run of this project can fill a cell, by the row's name as observations have it; undefined where one can.
 *
 * @param column any where it is not given
 */
export type Lacks = (row: string, column?: string) => string | undefined;

/**
 * What a claim needs and no run can give, in words; undefined where runs can give all. Of a rule with expressions only whole
 * rows are asked after.
 *
 * @param missing rows without the values that the rule needs, with their labels
 */
export function needsMore(
  rule: Rule,
  { missing, missingLabels }: { missing: readonly string[]; missingLabels: readonly string[] },
  lacks: Lacks,
): string | undefined {
  const columns = Map.groupBy(ruleCells(rule), ({ row }) => row);
  const found = missing.map((row, k) => {
    const whys = [undefined, ...(columns.get(row) ?? []).map(({ column }) => column)].map((column) =>
      lacks(row, column)
    );
    return { label: missingLabels[k], why: whys.find((why) => why !== undefined) };
  });
  const whys = Map.groupBy(found.filter(({ why }) => why !== undefined), ({ why }) => why!);
  if (whys.size === 0) return undefined;
  const parts = [...whys].map(([why, rows]) => `${listedRows(rows.map(({ label }) => label))}: ${why}`);
  return `needs ${parts.join("; ")}`;
}
