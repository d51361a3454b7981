import { UserError } from "../../core/errors.ts";
import { expression } from "./expression/expression.ts";
import { type Group, isGroup, member } from "./expression/shape.ts";
import type { PublishedTable } from "./publishedSchema.ts";
import { ruleCells } from "./ruleCells.ts";
import type { Rule } from "./ruleSchema.ts";

/**
 * Checks that the rows and columns a claim's rule names exist in the claim's table, and that its expressions can be used.
 *
 * @param claim its id, table and rule
 * @param world what its expressions see
 * @param hasExpr whether it has a check of its own
 * @throws {UserError} at the first name that is not known
 */
export function checkRule(claim: { id: string; table: string; rule: Rule }, world: Group, hasExpr: boolean) {
  const what = `use the rule of claim ${claim.id}`, { rule } = claim;
  const needless = ["unchecked", "logged", "checks"].includes(rule.kind);
  if (needless && hasExpr) throw new UserError(`Cannot ${what}: it is ${rule.kind}, yet the claim has an expression`);
  if (rule.kind === "printed" && !hasExpr) throw new UserError(`Cannot ${what}: it is printed, want an expression`);
  if (rule.kind === "exact" && !hasExpr && !rule.expr) {
    throw new UserError(`Cannot ${what}: it is exact, want an expression`);
  }
  for (const { row, column } of ruleCells(rule)) checkCell(what, claim.table, world, row, column);
  if (rule.kind !== "contrasts") return;
  for (const { expr } of rule.numbers) expression(what, expr, world);
  for (const column of rule.settings) checkSetting(what, world, column);
}

/**
 * Checks that the columns in which a rule says which row is better have a better direction.
 *
 * @throws {UserError} at the first one that has none
 */
export function checkDirections({ id, rule }: { id: string; rule: Rule }, table: PublishedTable) {
  if (rule.kind !== "ordering" && rule.kind !== "best" && rule.kind !== "difference") return;
  for (const { column } of ruleCells(rule)) {
    const found = table.columns.find(({ key }) => key === column);
    if (found?.better !== "none") continue;
    throw new UserError(`Cannot use the rule of claim ${id}: neither more nor less is better in column '${column}'`);
  }
}

function checkCell(what: string, table: string, world: Group, row: string, column: string) {
  const rows = world.members.get("rows");
  if (!rows || !isGroup(rows)) {
    throw new UserError(`Cannot ${what}: ${table || "the text"} has no rows, want none named`);
  }
  const found = member(what, rows, row);
  if (isGroup(found)) member(what, found, column);
}

/** A setting is a column of any table that the expressions can name. */
function checkSetting(what: string, world: Group, column: string) {
  if (hasColumn(world, column)) return;
  throw new UserError(`Cannot ${what}: setting '${column}' is no column of a published table`);
}

function hasColumn(group: Group, column: string): boolean {
  if (group.noun === "column") return group.members.has(column);
  return [...group.members.values()].some((shape) => isGroup(shape) && hasColumn(shape, column));
}
