import type { Rule } from "../sources/ruleSchema.ts";
import { ruleCells } from "../sources/ruleCells.ts";
import type { Observed, Unfrozen } from "./evidence.ts";

/** By how much rows' times of the same work may differ before the machine is said to have changed. */
export const SAME_WORK = 0.03;

/**
 * By how much rows differ at most in the time of the same work: 0.07 where one row took 7 % longer than another one; 0 where
 * there are no two rows.
 */
export function unlikeWork(unfrozen: Unfrozen, rows: readonly string[]): number {
  const found = rows.flatMap((row) => unfrozen[row]?.length ? [unfrozen[row]] : []);
  if (found.length < 2) return 0;
  const common = Math.min(...found.map(({ length }) => length));
  const sums = found.map((seconds) => seconds.slice(0, common).reduce((sum, value) => sum + value, 0));
  return Math.max(...sums) / Math.min(...sums) - 1;
}

/** Whether a rule compares times, and whether it compares nothing else. */
export function timesIn(rule: Rule, timed: ReadonlySet<string>): "none" | "some" | "only" {
  if (rule.kind === "contrasts") return timed.size > 0 && rule.numbers.every(({ noisy }) => !noisy) ? "only" : "none";
  const columns = ruleCells(rule).map(({ column }) => column), times = columns.filter((column) => timed.has(column));
  return times.length === 0 ? "none" : times.length === columns.length ? "only" : "some";
}

/** By how much the machine changed between the rows that a rule compares, at worst. */
export function machineChange(rule: Rule, { unfrozen }: Pick<Observed, "unfrozen">): number {
  const named = ruleCells(rule).map(({ row }) => row);
  return Math.max(0, ...unfrozen.map((of) => unlikeWork(of, named.length > 0 ? named : Object.keys(of))));
}
