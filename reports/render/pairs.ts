import type { MeasuredCell } from "../model.ts";

/** Two cells' values of one seed in one environment. */
export interface Pair {
  own: number;
  other: number;
}

/**
 * The values of two cells for each seed that both have in one environment: in that which counts for their means, else in another
 * one.
 */
export function pairsOf(one: MeasuredCell, other: MeasuredCell): Pair[] {
  const all = ({ values, apart = [] }: MeasuredCell) => [...values, ...apart];
  const seeds = [...new Set(one.values.map(({ seed }) => seed))];
  return seeds.flatMap((seed) => {
    const pairs = all(one).filter((own) => own.seed === seed).flatMap(({ environment, value }) =>
      all(other).filter((found) => found.seed === seed && found.environment === environment)
        .map((found) => ({ own: value, other: found.value }))
    );
    return pairs.slice(0, 1);
  });
}
