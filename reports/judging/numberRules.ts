import { estimated } from "../format.ts";
import { type Expression, expression } from "../sources/expression/expression.ts";
import { type RowValues, worldData, worldShape } from "../sources/expression/world.ts";
import type { PublishedWorks } from "../sources/publishedWorks.ts";
import type { RuleOf } from "../sources/ruleSchema.ts";
import type { Contrast } from "./contrast.ts";
import { rowName } from "./labels.ts";
import type { Observation, SeedObservations } from "./observations.ts";
import { estimate } from "./statistics.ts";

/** What an absent cell is read as, so that the evaluation goes on and asks for the others; its result is not used. */
const STAND_IN = 1;

interface NumberClaim {
  id: string;
  /** Id of the table that `rows` stands for. */
  table: string;
  rule: RuleOf<"contrasts">;
}

/**
 * The numbers of a rule for each seed that has all cells they are computed from in one observation, and the rows without
 * such cells in any. The rows of the claim's own table go by their keys, those of other tables by `rowName`.
 *
 * @throws {UserError} when an expression fails on an observation that has all its cells
 */
export async function readNumbers(claim: NumberClaim, seeds: readonly SeedObservations[], works: PublishedWorks) {
  const shape = worldShape(works, claim.table);
  const contrasts: Contrast[] = [], missing = new Set<string>();
  for (const { what, expr, low, high, noisy, decimals } of claim.rule.numbers) {
    const formula = expression(`read claim ${claim.id}`, expr, shape);
    const { values, absent } = await evaluated(formula, claim, seeds, works);
    if (values.length === 0) absent.forEach((row) => missing.add(row));
    const text = values.length === 0 ? "" : `${what}: ${estimated(estimate(values), decimals)}`;
    contrasts.push({ text, values, low, high, noisy });
  }
  return { contrasts, missing: [...missing] };
}

async function evaluated(
  formula: Expression,
  claim: NumberClaim,
  seeds: readonly SeedObservations[],
  works: PublishedWorks,
) {
  const values: number[] = [], absent: Set<string>[] = [];
  for (const observations of seeds.length > 0 ? seeds : [[{}]]) {
    for (const observation of observations) {
      const { data, unseen } = observedData(claim, observation, works);
      const value = await formula.number(data).catch((error: unknown) => {
        if (unseen.size === 0) throw error;
      });
      absent.push(unseen);
      if (unseen.size > 0 || value === undefined) continue;
      values.push(value);
      break;
    }
  }
  // What one environment lacks may have been run in another.
  return { values, absent: absent.reduce((all, unseen) => all.intersection(unseen)) };
}

/** What expressions see of one observation; cells that it lacks are noted in `unseen` when they are read. */
function observedData({ table: own, rule }: NumberClaim, observation: Observation, works: PublishedWorks) {
  const unseen = new Set<string>();
  const data = worldData(works, own, (table, { key, values }) => {
    const name = table.id === own ? key : rowName(table.id, key);
    const row: RowValues = {};
    for (const [column, printed] of Object.entries(values)) {
      Object.defineProperty(row, column, {
        enumerable: true,
        get() {
          const found = observation[name]?.[column] ?? (rule.settings.includes(column) ? printed : undefined);
          if (found !== undefined) return found;
          unseen.add(name);
          return STAND_IN;
        },
      });
    }
    return row;
  });
  return { data, unseen };
}
