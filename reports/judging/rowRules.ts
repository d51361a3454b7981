import { estimated, fixed } from "../format.ts";
import { ruleCells } from "../sources/ruleCells.ts";
import type { RuleOf } from "../sources/ruleSchema.ts";
import type { Contrast } from "./contrast.ts";
import { columnName, leadContrast, type RowContext } from "./leads.ts";
import type { SeedObservations } from "./observations.ts";
import { paired, seen } from "./paired.ts";
import { average, estimate } from "./statistics.ts";

/** A rule that compares rows of one table, named in it. */
export type RowRule = RuleOf<"value" | "ordering" | "best" | "difference" | "timeRatio" | "recovery">;

/** The contrasts of a rule, and the rows without the values that it needs. */
export function readRows(rule: RowRule, seeds: readonly SeedObservations[], place: Omit<RowContext, "severalColumns">) {
  const cells = ruleCells(rule);
  const missing = cells.filter(({ row, column }) => !seen(seeds, row, column)).map(({ row }) => row);
  const context = { ...place, severalColumns: new Set(cells.map(({ column }) => column)).size > 1 };
  return { contrasts: contrastsOf(rule, seeds, context), missing: [...new Set(missing)] };
}

function contrastsOf(rule: RowRule, seeds: readonly SeedObservations[], context: RowContext): Contrast[] {
  switch (rule.kind) {
    case "value":
      return value(rule, seeds, context);
    case "ordering":
      return ordering(rule, seeds, context);
    case "best":
      return best(rule, seeds, context);
    case "difference":
      return rule.leads.map((lead) => leadContrast(lead, seeds, context));
    case "timeRatio":
      return timeRatio(rule, seeds, context);
    case "recovery":
      return recovery(rule, seeds);
  }
}

/** Rows without a value are passed over: their neighbours are compared. */
function ordering(
  { chains, noisy }: RuleOf<"ordering">,
  seeds: readonly SeedObservations[],
  context: RowContext,
): Contrast[] {
  return chains.flatMap(({ column, order }) => {
    const there = order.filter((row) => seen(seeds, row, column));
    return there.slice(1).map((over, k) =>
      leadContrast({ column, row: there[k], over, noisy, low: 0, high: Infinity }, seeds, context)
    );
  });
}

/** Each rival by itself; only the closest one of each column is written out. */
function best(
  { columns, row, over }: RuleOf<"best">,
  seeds: readonly SeedObservations[],
  context: RowContext,
): Contrast[] {
  return columns.flatMap((column) => {
    const leads = over.map((rival) => ({ column, row, over: rival, noisy: true, low: 0, high: Infinity }));
    const contrasts = leads.map((lead) => leadContrast(lead, seeds, context));
    const means = contrasts.map(({ values }) => average(values)).filter((mean) => !Number.isNaN(mean));
    const closest = contrasts.find(({ values }) => average(values) === Math.min(...means));
    return contrasts.map((contrast) => contrast === closest ? contrast : { ...contrast, text: "" });
  });
}

function value(
  { targets, tolerance }: RuleOf<"value">,
  seeds: readonly SeedObservations[],
  context: RowContext,
): Contrast[] {
  const { label } = context;
  return targets.map(({ row, column, below, value: wanted }) => {
    const values = below
      ? paired(seeds, column, [below, row], (whole, own) => whole - own)
      : paired(seeds, column, [row], (own) => own);
    const what = `${label(row)} ${below ? `below ${label(below)} by ` : ""}`;
    const size = values.length === 0 ? "" : estimated(estimate(values), 2);
    const text = size && `${what}${size}${columnName(context, column)}`;
    const contrast = { text, values, high: wanted + tolerance, noisy: true };
    if (!below) return { ...contrast, low: wanted - tolerance };
    const better = { from: wanted - tolerance, side: "below", words: "drops less than published" } as const;
    return { ...contrast, low: -Infinity, better };
  });
}

function timeRatio(rule: RuleOf<"timeRatio">, seeds: readonly SeedObservations[], { label }: RowContext): Contrast[] {
  const { column, baseline, rows, ratio, tolerance } = rule;
  const better = { from: ratio - tolerance, side: "below", words: "saves more than published" } as const;
  return rows.map((row) => {
    const values = paired(seeds, column, [row, baseline], (time, whole) => time / whole);
    const text = values.length === 0 ? "" : `${label(row)} ${estimated(estimate(values), 3)}`;
    return { text, values, low: -Infinity, high: ratio + tolerance, noisy: false, better };
  });
}

/** As linear contrasts, so that no small number is divided by. */
function recovery(rule: RuleOf<"recovery">, seeds: readonly SeedObservations[]): Contrast[] {
  const { column, baseline, of, by, share, tolerance } = rule;
  const each = (f: (drop: number, back: number) => number) =>
    paired(seeds, column, [baseline, of, by], (whole, low, high) => f(whole - low, high - low));
  const drop = average(each((drop) => drop)), back = average(each((_, back) => back));
  const won = drop > 0
    ? `${fixed(100 * back / drop, 1)} % of a drop of ${fixed(drop, 2)} won back`
    : `no drop to win back (${fixed(drop, 2)})`;
  const bounds = [
    { text: Number.isNaN(drop) ? "" : won, values: each((drop) => drop) },
    { text: "", values: each((drop, back) => back - (share - tolerance) * drop) },
    { text: "", values: each((drop, back) => (share + tolerance) * drop - back) },
  ];
  return bounds.map((bound) => ({ ...bound, low: 0, high: Infinity, noisy: true }));
}
