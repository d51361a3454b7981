import type { Observation } from "../judging/observations.ts";
import type { Block } from "../judging/blocks.ts";
import { average } from "../judging/statistics.ts";
import type { Measure } from "./measures.ts";
import { quantities } from "./quantities.ts";

/** What a scale's runs measured, per seed, in the rows and columns of one table. */
export interface SeedObservation {
  seed: number;
  values: Observation;
}

/**
 * The runs of a block in a table's rows and columns, one observation per seed, ascending. A seed that was run twice
 * counts once, with the mean of its values.
 */
export function observed(block: Block, measure: Measure): SeedObservation[] {
  const seeds = Map.groupBy(block.runs, ({ result }) => result.seed);
  return [...seeds].map(([seed, runs]) => {
    const rows = Object.entries(measure.rows).map(([row, runRow]) => {
      const own = runs.filter(({ result }) => result.row === runRow).map(({ result }) => result);
      const columns = Object.entries(measure.columns).map(([column, quantity]) => [
        column,
        average(own.map(quantities[quantity])),
      ]);
      return [row, own.length === 0 ? undefined : Object.fromEntries(columns)];
    });
    return { seed, values: Object.fromEntries(rows.filter(([, values]) => values !== undefined)) };
  });
}
