import { shortPath } from "../../cli/files.ts";
import type { CellState } from "./cellState.ts";
import type { KeptRecords } from "./keptRecords.ts";
import type { Plan } from "./plan.ts";
import { textTable } from "./table.ts";

/** What has become of a grid's records. */
export interface Collection {
  /** The records, a line each. */
  table: string;
  /** What is missing, doubled or broken, then the counts. */
  problems: string;
  /** Whether every cell has exactly one record, and every file of the results checks. */
  complete: boolean;
}

/** What is measured at a phase's end, in the order of the columns, and its decimals. */
export const METRICS = { top1: 2, top5: 2, loss: 4 } as const;
const LABELS = { top1: "top-1", top5: "top-5", loss: "loss" };

/** Lists the verified records of a grid, then what is missing, doubled or broken. */
export function collect({ cells }: Plan, states: readonly CellState[], kept: KeptRecords): Collection {
  const names = Object.keys(METRICS) as (keyof typeof METRICS)[];
  const rows = cells.map(({ name }, i) => {
    const [first] = states[i].records, metrics = first?.record.metrics ?? {};
    const numbers = names.map((metric) => metrics[metric]?.toFixed(METRICS[metric]) ?? "-");
    return [name, ...numbers, first ? shortPath(first.path) : "-"];
  });
  const missing = cells.filter((_, i) => states[i].records.length === 0);
  const doubled = cells.flatMap(({ name }, i) => states[i].records.length > 1 ? [{ name, ...states[i] }] : []);
  const problems = [
    ...missing.map(({ name }) => `missing: ${name}`),
    ...doubled.map(({ name, records }) =>
      `doubled: ${name}: ${records.map(({ path }) => shortPath(path)).join(" and ")}`
    ),
    ...[...kept.broken.values()].map((problem) => `broken: ${problem}`),
  ];
  const own = new Set(states.flatMap(({ records }) => records.map(({ id }) => id)));
  const others = [...kept.verified.values()].flat().filter(({ id }) => !own.has(id)).length;
  const counts = `${cells.length - missing.length} of ${cells.length} phases have a verified record; ` +
    `${missing.length} missing, ${doubled.length} doubled, ${kept.broken.size} broken` +
    (others > 0 ? `; ${others} verified records of others` : "");
  return {
    table: textTable([["phase", ...names.map((name) => LABELS[name]), "record"], ...rows]),
    problems: [...problems, counts].join("\n"),
    complete: problems.length === 0,
  };
}
