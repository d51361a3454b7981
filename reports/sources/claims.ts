import jsonata from "jsonata";
import { UserError } from "../../core/errors.ts";
import { type ClaimRules, claimsSchema, type Rule } from "./claimSchema.ts";
import { loadPublishedTable } from "./published.ts";
import type { PublishedClaim, PublishedTable } from "./publishedSchema.ts";
import { yamlFile } from "./yamlFile.ts";

/** A published claim with its rule, and whether the published numbers themselves satisfy it. */
export interface Claim extends PublishedClaim {
  rule: Rule;
  holdsInPrint: boolean;
}

/** Reads reports/claims/<table>.yaml, the expressions and rules of one table's claims. */
export async function loadClaimRules(table: string): Promise<ClaimRules> {
  return await yamlFile(`claims/${table}.yaml`, claimsSchema);
}

/**
 * The claims of a published table, each evaluated on the published numbers.
 *
 * @throws {UserError} when a claim has no rule, or an expression does not give true or false
 */
export async function loadClaims(table: PublishedTable): Promise<Claim[]> {
  const rules = await loadClaimRules(table.id.split(".")[1]);
  const numbers = await publishedNumbers(table, rules.related);
  return await Promise.all(table.claims.map(async (claim) => {
    const found = rules.claims.find((rule) => rule.id === claim.id);
    if (!found) throw new UserError(`Cannot judge claim ${claim.id}: it has no rule in reports/claims/`);
    return { ...claim, rule: found.rule, holdsInPrint: await evaluate(claim.id, found.expr, numbers) };
  }));
}

/** What an expression sees: the rows by key, and those of the related tables under their paper's name. */
async function publishedNumbers(table: PublishedTable, related: string[]): Promise<Record<string, unknown>> {
  const numbers: Record<string, Record<string, unknown>> = { rows: rowsByKey(table) };
  for (const id of related) {
    const [paper, name] = id.split(".");
    numbers[paper] = { ...numbers[paper], [name]: { rows: rowsByKey(await loadPublishedTable(id)) } };
  }
  return numbers;
}

function rowsByKey(table: PublishedTable) {
  return Object.fromEntries(table.rows.map((row) => [row.key, row.values]));
}

async function evaluate(id: string, expr: string, numbers: Record<string, unknown>): Promise<boolean> {
  const found: unknown = await jsonata(expr).evaluate(numbers);
  if (typeof found === "boolean") return found;
  throw new UserError(`Cannot evaluate claim ${id}: its expression gave ${JSON.stringify(found)}, want true or false`);
}
