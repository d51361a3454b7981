import type { Claim } from "../sources/claims.ts";
import { type PublishedWorks, tableOf } from "../sources/publishedWorks.ts";
import type { Rule, RuleOf } from "../sources/ruleSchema.ts";
import type { Contrast } from "./contrast.ts";
import { rowLabel } from "./labels.ts";
import { readNumbers } from "./numberRules.ts";
import type { SeedObservations } from "./observations.ts";
import { readRows, type RowRule } from "./rowRules.ts";

/** What a claim's rule makes of observations. */
export interface Contrasts {
  contrasts: Contrast[];
  /** The numbers in words; "" where there are none. */
  text: string;
  /** Keys of the rows without the values that the rule needs. */
  missing: string[];
  /** Their labels. */
  missingLabels: string[];
}

/** A rule that is read on observations. */
export type ReadRule = RowRule | RuleOf<"contrasts">;

/** Whether a rule is read on observations. */
export function isRead(rule: Rule): rule is ReadRule {
  return !["printed", "unchecked", "logged", "exact", "checks"].includes(rule.kind);
}

/**
 * Applies a claim's rule to observations.
 *
 * @param published whether the observations are of the published scale
 */
export async function contrastsOf(
  { id, table, rule }: Pick<Claim, "id" | "table"> & { rule: ReadRule },
  seeds: readonly SeedObservations[],
  works: PublishedWorks,
  published: boolean,
): Promise<Contrasts> {
  const label = (row: string) => rowLabel(works, table, row);
  const { contrasts, missing } = rule.kind === "contrasts"
    ? await readNumbers({ id, table, rule }, seeds, works)
    : readRows(rule, seeds, { table: tableOf(works, table), published, label });
  return {
    contrasts,
    text: contrasts.map(({ text }) => text).filter((text) => text !== "").join(", "),
    missing,
    missingLabels: missing.map(label),
  };
}
