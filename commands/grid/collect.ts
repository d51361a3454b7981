import { shortPath } from "../../cli/files.ts";
import type { CellState } from "./cellState.ts";
import type { KeptResults } from "./keptResults.ts";
import type { Plan } from "./plan.ts";
import { textTable } from "./table.ts";

/** What has become of a grid's results. */
export interface Collection {
  text: string;
  /** Whether every cell has exactly one result, and every result file checks. */
  complete: boolean;
}

/** Lists the verified results of a grid, then what is missing, doubled or broken. */
export function collect({ cells }: Plan, states: readonly CellState[], kept: KeptResults): Collection {
  const rows = cells.map(({ name }, i) => {
    const [first] = states[i].results;
    return first
      ? [name, first.result.evaluation.top1.toFixed(2), first.result.evaluation.loss.toFixed(4), shortPath(first.path)]
      : [name, "-", "-", "-"];
  });
  const of = (wanted: (state: CellState) => boolean) => cells.filter((_, i) => wanted(states[i]));
  const missing = of(({ results }) => results.length === 0), doubled = of(({ results }) => results.length > 1);
  const problems = [
    ...missing.map(({ name }) => `missing: ${name}`),
    ...doubled.map(({ name }) => {
      const { results } = states[cells.findIndex((cell) => cell.name === name)];
      return `doubled: ${name}: ${results.map(({ path }) => shortPath(path)).join(" and ")}`;
    }),
    ...[...kept.broken.values()].map((problem) => `broken: ${problem}`),
  ];
  const own = new Set(states.flatMap(({ results }) => results.map(({ id }) => id)));
  const others = kept.verified.filter(({ id }) => !own.has(id)).length;
  const counts = `${cells.length - missing.length} of ${cells.length} cells have a verified result; ` +
    `${missing.length} missing, ${doubled.length} doubled, ${kept.broken.size} broken` +
    (others > 0 ? `; ${others} verified results of no cell` : "");
  return {
    text: [textTable([["cell", "top-1", "loss", "result"], ...rows]), "", ...problems, counts].join("\n"),
    complete: problems.length === 0,
  };
}
