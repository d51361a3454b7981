import { isOf, unlike } from "../scales/environment.ts";
import { baselineOf } from "./fills.ts";
import { likeOf, type MeasuredTable } from "./measured.ts";
import type { ShownColumn } from "./shown.ts";
import type { Value } from "./values.ts";

/** Why a row that has values has none in a shown column: no seed of it can be set beside the baseline, or its times be shown. */
export function noPair(measured: MeasuredTable, row: string, column: ShownColumn): string {
  const { table, fill, times } = measured;
  const of = (wanted: string | undefined) =>
    measured.values.filter((value) => value.row === wanted && value.column === column.of);
  const own = of(row), baseline = baselineOf(fill, likeOf(measured.rows, row));
  const apart = own.filter(({ environment }) => times !== undefined && !isOf(environment, times));
  if (own[0].timed && apart.length === own.length) {
    return `no pair: ${unlike(own[0].environment, times!)} than the other times`;
  }
  if (baseline === undefined) return "no value";
  const label = table.rows.find(({ key }) => key === baseline)?.label ?? baseline, others = of(baseline);
  if (others.length === 0) return `no pair: no run of ${label}`;
  const pair = sameSeed(own, others);
  return pair ? `no pair: ${unlike(...pair)} than ${label}` : `no pair: no seed in common with ${label}`;
}

/** Rows that are paired by some seeds and, for other seeds, have no baseline of their environment: one line each. */
export function partlyPaired(measured: MeasuredTable): string[] {
  const { table, fill, columns, values, rows } = measured;
  const paired = columns.filter(({ as }) => as === "ratio" || as === "drop");
  const lines = rows.flatMap(({ key: row, label }) => {
    const baseline = table.rows.find(({ key }) => key === baselineOf(fill, likeOf(rows, row)));
    if (baseline === undefined || baseline.key === row) return [];
    return paired.flatMap(({ of: column }) => {
      const of = (wanted: string) => values.filter((value) => value.row === wanted && value.column === column);
      const seeds = [...Map.groupBy(of(row), ({ seed }) => seed)];
      const apart = seeds.flatMap(([seed, own]) => {
        const others = of(baseline.key).filter((other) => other.seed === seed);
        const together = own.some((one) => others.some((other) => shareOne(one, other)));
        return others.length === 0 || together
          ? []
          : [{ seed, why: unlike(own[0].environment, others[0].environment) }];
      });
      if (apart.length === seeds.length) return [];
      return apart.map(({ seed, why }) => `No pair: ${label}, seed ${seed}: ${why} than ${baseline.label}`);
    });
  });
  return [...new Set(lines)];
}

function shareOne(one: Value, other: Value): boolean {
  return unlike(one.environment, other.environment) === "";
}

/** The environments of a seed that both have. */
function sameSeed(own: Value[], others: Value[]) {
  for (const { seed, environment } of own) {
    const other = others.find((other) => other.seed === seed);
    if (other) return [environment, other.environment] as const;
  }
}
