import type { Rule } from "../sources/claimSchema.ts";
import { estimated, fixed } from "../render/format.ts";
import type { Observation } from "./observations.ts";
import { average, estimate } from "./statistics.ts";

/** A number that a claim says lies between `low` and `high`, once per seed. */
export interface Contrast {
  values: number[];
  low: number;
  high: number;
  /** Whether it varies from seed to seed so much that one seed says nothing (accuracy), or not (time). */
  noisy: boolean;
}

/** A claim's rule applied to observations. */
export interface Reading {
  contrasts: Contrast[];
  /** The numbers in words; "" where there are none. */
  text: string;
  /** Labels of the rows without the values the rule needs. */
  missing: string[];
}

type Label = (row: string) => string;
type RuleOf<K extends Rule["kind"]> = Extract<Rule, { kind: K }>;

/** Applies a rule to observations; `label` names a row in words. */
export function read(rule: Rule, observations: Observation[], label: Label): Reading {
  if (rule.kind === "printed") return { contrasts: [], text: "", missing: [] };
  const { rows, column } = needs(rule);
  const missing = rows.filter((row) => !observations.some((seen) => seen[row]?.[column] !== undefined)).map(label);
  if (rule.kind === "ordering") return { ...ordering(rule, observations, label), missing };
  if (rule.kind === "timeRatio") return { ...timeRatio(rule, observations, label), missing };
  if (rule.kind === "recovery") return { ...recovery(rule, observations), missing };
  return { ...value(rule, observations, label), missing };
}

function needs(rule: Exclude<Rule, RuleOf<"printed">>): { rows: string[]; column: string } {
  if (rule.kind === "ordering") return { rows: rule.order, column: rule.column };
  if (rule.kind === "timeRatio") return { rows: [rule.baseline, ...rule.rows], column: rule.column };
  if (rule.kind === "recovery") return { rows: [rule.baseline, rule.of, rule.by], column: rule.column };
  const rows = rule.targets.flatMap(({ row, below }) => below ? [row, below] : [row]);
  return { rows: [...new Set(rows)], column: rule.targets[0].column };
}

/** f of the rows' values in one column, for each observation that has them all. */
function paired(observations: Observation[], column: string, rows: string[], f: (...values: number[]) => number) {
  const complete = observations.map((seen) => rows.map((row) => seen[row]?.[column]));
  return complete.filter((values) => values.every((value) => value !== undefined)).map((values) => f(...values));
}

function ordering({ column, order }: RuleOf<"ordering">, observations: Observation[], label: Label) {
  const seen = order.filter((row) => observations.some((one) => one[row]?.[column] !== undefined));
  const pairs = seen.slice(1).map((lower, k) => {
    const values = paired(observations, column, [seen[k], lower], (a, b) => a - b);
    const text = values.length === 0
      ? ""
      : `${label(seen[k])} ${estimated(estimate(values), 2, true)} over ${label(lower)}`;
    return { contrast: { values, low: 0, high: Infinity, noisy: true }, text };
  });
  return { contrasts: pairs.map(({ contrast }) => contrast), text: joined(pairs) };
}

function timeRatio(rule: RuleOf<"timeRatio">, observations: Observation[], label: Label) {
  const ratios = rule.rows.map((row) => {
    const values = paired(observations, rule.column, [row, rule.baseline], (time, whole) => time / whole);
    const text = values.length === 0 ? "" : `${label(row)} ${estimated(estimate(values), 3)}`;
    return { contrast: { values, low: -Infinity, high: rule.ratio + rule.tolerance, noisy: false }, text };
  });
  return { contrasts: ratios.map(({ contrast }) => contrast), text: joined(ratios) };
}

function recovery(rule: RuleOf<"recovery">, observations: Observation[]) {
  const { column, baseline, of, by, share, tolerance } = rule;
  const each = (f: (drop: number, back: number) => number) =>
    paired(observations, column, [baseline, of, by], (whole, low, high) => f(whole - low, high - low));
  const bounds = [
    each((drop) => drop),
    each((drop, back) => back - (share - tolerance) * drop),
    each((drop, back) => (share + tolerance) * drop - back),
  ];
  const drop = average(bounds[0]), back = average(each((_, back) => back));
  const won = drop > 0 ? `${fixed(100 * back / drop, 1)} % of a drop of ${fixed(drop, 2)} won back` : "";
  const text = bounds[0].length === 0 ? "" : won || `no drop to win back (${fixed(drop, 2)})`;
  return { contrasts: bounds.map((values) => ({ values, low: 0, high: Infinity, noisy: true })), text };
}

function value(rule: RuleOf<"value">, observations: Observation[], label: Label) {
  const targets = rule.targets.map(({ row, column, below, value: wanted }) => {
    const values = below
      ? paired(observations, column, [below, row], (whole, own) => whole - own)
      : paired(observations, column, [row], (own) => own);
    const what = `${label(row)} ${below ? `below ${label(below)} by ` : ""}`;
    const text = values.length === 0 ? "" : `${what}${estimated(estimate(values), 2)}`;
    return { contrast: { values, low: wanted - rule.tolerance, high: wanted + rule.tolerance, noisy: true }, text };
  });
  return { contrasts: targets.map(({ contrast }) => contrast), text: joined(targets) };
}

function joined(parts: { text: string }[]): string {
  return parts.map(({ text }) => text).filter((text) => text !== "").join(", ");
}
