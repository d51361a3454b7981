import type { Rule } from "../sources/ruleSchema.ts";
import { ruleCells } from "../sources/ruleCells.ts";
import type { Observed, Unfrozen, UnfrozenRow } from "./evidence.ts";

/** By how much rows' times of the same work may differ before the machine is said to have changed. */
export const SAME_WORK = 0.03;

/**
 * By how much the machine changed between rows, at most: 0.07 where one took 7 % longer for the same work than another one; 0
 * where there are no two rows, or none of the same work and they took turns; null where nothing tells it, for rows of
 * different work were run one after another.
 */
export type Change = number | null;

/** Whether the machine is known to have stayed the same. */
export function isSteady(change: Change): boolean {
  return change !== null && change <= SAME_WORK;
}

/**
 * By how much the machine changed between some rows. Where these do different work in turn, all rows that took turns tell it.
 *
 * @param unfrozen all that was measured side by side
 */
export function changeBetween(unfrozen: Unfrozen, rows: readonly string[]): Change {
  const told = (of: readonly string[]) => of.flatMap((row) => unfrozen[row]?.seconds.length ? [unfrozen[row]] : []);
  const found = told(rows);
  if (new Set(found.map(({ work }) => work)).size <= 1) return spreadOf(found);
  if (!found.every(({ inTurn }) => inTurn)) return null;
  return worst([...Map.groupBy(told(Object.keys(unfrozen)), ({ work }) => work).values()].map(spreadOf));
}

/** The worst of several changes; null where one of them is not known. */
export function worst(changes: readonly Change[]): Change {
  return changes.reduce((most, change) => most === null || change === null ? null : Math.max(most, change), 0);
}

/** By how much rows of the same work differ in the time that all have measured. */
function spreadOf(rows: readonly UnfrozenRow[]): number {
  if (rows.length < 2) return 0;
  const common = Math.min(...rows.map(({ seconds }) => seconds.length));
  const sums = rows.map(({ seconds }) => seconds.slice(0, common).reduce((sum, value) => sum + value, 0));
  return Math.max(...sums) / Math.min(...sums) - 1;
}

/** Whether a rule compares times, and whether it compares nothing else. */
export function timesIn(rule: Rule, timed: ReadonlySet<string>): "none" | "some" | "only" {
  if (rule.kind === "contrasts") return timed.size > 0 && rule.numbers.every(({ noisy }) => !noisy) ? "only" : "none";
  const columns = ruleCells(rule).map(({ column }) => column), times = columns.filter((column) => timed.has(column));
  return times.length === 0 ? "none" : times.length === columns.length ? "only" : "some";
}

/** By how much the machine changed between the rows that a rule compares, at worst. */
export function machineChange(rule: Rule, { unfrozen }: Pick<Observed, "unfrozen">): Change {
  return worst(unfrozen.map((of) => changeBetween(of, rowsOf(rule, of))));
}

/** Whether the rows that a rule compares do the same work before anything freezes. */
export function sameWork(rule: Rule, { unfrozen }: Pick<Observed, "unfrozen">): boolean {
  return unfrozen.every((of) => new Set(rowsOf(rule, of).flatMap((row) => of[row]?.work ?? [])).size <= 1);
}

/** The rows that a rule names; all where it names none. */
function rowsOf(rule: Rule, unfrozen: Unfrozen): string[] {
  const named = ruleCells(rule).map(({ row }) => row);
  return named.length > 0 ? named : Object.keys(unfrozen);
}
