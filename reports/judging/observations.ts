import { stepSeconds } from "../../records/stepSeconds.ts";
import type { AuthorsCell } from "../vocabulary.ts";
import type { Block } from "./blocks.ts";
import type { PublishedTable } from "../sources/publishedSchema.ts";
import { coreHash } from "../../records/identity.ts";
import type { RunResult } from "../../records/schema.ts";
import { average } from "./statistics.ts";

/** Values by row and column that belong together: all of one seed, or all of one publication. */
export type Observation = Partial<Record<string, Partial<Record<string, number>>>>;

/** The numbers of a published table as one observation. */
export function publishedObservation(table: PublishedTable): Observation {
  return Object.fromEntries(table.rows.map(({ key, values }) => {
    const numbers = Object.entries(values).filter((entry): entry is [string, number] => typeof entry[1] === "number");
    return [key, Object.fromEntries(numbers)];
  }));
}

/** What the author's logs say about one table, as one observation. */
export function authorsObservation(cells: Pick<AuthorsCell, "row" | "column" | "value">[]): Observation {
  const rows = Object.entries(Object.groupBy(cells, ({ row }) => row));
  return Object.fromEntries(
    rows.map(([row, cells = []]) => [row, Object.fromEntries(cells.map(({ column, value }) => [column, value]))]),
  );
}

/** Seconds inside the steps of pre-training (HOG targets, forward and backward pass, optimiser), per epoch. */
export function secondsPerEpoch(run: RunResult): number {
  return average(run.pretrain.epochs.map(({ seconds }) => stepSeconds(seconds)));
}

/** Rows and seeds of a block that were run more than once and did not compute the same numbers. */
export function disagreements(block: Block): string[] {
  const same = Map.groupBy(block.runs, ({ result }) => `${result.row}, seed ${result.seed}`);
  return [...same].filter(([, runs]) => new Set(runs.map(({ result }) => coreHash(result))).size > 1)
    .map(([name]) => name);
}
