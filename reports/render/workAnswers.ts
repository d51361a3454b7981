import { estimated, signed } from "../format.ts";
import { isSteady } from "../judging/machine.ts";
import type { Estimate } from "../judging/statistics.ts";
import type { Report, ScaleReport, TableReport } from "../model.ts";
import { type Answer, NOT_RUN, type OwnAnswer } from "./answer.ts";
import { type Difference, differencesOf, isClear } from "./differences.ts";
import { rangeText } from "./numbers.ts";
import { REPEATS } from "./shownScale.ts";

/** Rows of Table 10 that freeze, each beside the same optimiser's that does not. */
const FREEZING: [row: string, against: string][] = ["sgd", "sgdstar", "adamw"].flatMap((optimizer) =>
  ["scaled", "unscaled"].map((rule): [string, string] => [`${optimizer}_fo_${rule}`, `${optimizer}_nofo`])
);
/** Rows of Table 3 with disjoint masks, by those without. */
const MASKED = ["beit", "simmim", "mae", "maskfeat", "mae_l", "maskfeat_l"];
/** Two disjoint views of Table II beside a single view, and beside the control of two that are drawn each by itself. */
const VIEWS: [row: string, against: string][] = [["mae_dm_uniform", "mae"], ["mae_dm_uniform", "independent"]];

/** What FreezeOut costs a convolutional network, by the best error of Table 10's rows. */
export function convNetAnswer({ tables }: Report): Answer | undefined {
  const table = tables.find(({ id }) => id === "thesis.table10"), column = "best_error";
  if (table === undefined) return undefined;
  const errors = new Map(table.rows.map(({ key, values }) => [key, Number(values[column])]));
  const lost = FREEZING.map(([row, against]) => errors.get(row)! - errors.get(against)!);
  return {
    question: "What does FreezeOut cost a convolutional network?",
    print: `${ends(lost, 2)} points of error, in ${lost.length} rows of the print, one run each.`,
    logs: "No log.",
    ours: ofScales(table, FREEZING, column, (found) => {
      const clear = found.filter(isClear).length;
      return {
        text: `${endsOf(found, 2)} points of error, clear of 0 in ${clear} of ${found.length} rows`,
        state: clear > 0 ? "yes" : "undecided",
      };
    }),
  };
}

/** What disjoint masks bring: Table 3's hours in print, Table II's linear probes in our runs. */
export function maskingAnswer({ tables }: Report): Answer | undefined {
  const [hours, views] = ["dmjd.table3", "dmjd.table2"].map((id) => tables.find((table) => table.id === id));
  if (hours === undefined || views === undefined) return undefined;
  const values = new Map(hours.rows.map(({ key, values }) => [key, values]));
  const of = (row: string, column: string) => Number(values.get(row)![column]);
  const faster = MASKED.map((row) => of(row, "gpu_hours") / of(`${row}_dm`, "gpu_hours"));
  const gained = MASKED.map((row) => of(`${row}_dm`, "ft") - of(row, "ft"));
  return {
    question: "What do disjoint masks bring?",
    print:
      `${rangeText(faster, 1)} times less time at ${ends(gained, 1)} points of top-1, in ${MASKED.length} rows of ` +
      "the print, one run each.",
    logs: "No log.",
    ours: alsoSaid(
      ofScales(views, VIEWS, "linear", ([single, independent]) => ({
        text: `${estimated(single, 2, true)} points of a linear probe beside as many single views` +
          (independent ? `, ${estimated(independent, 2, true)} beside two independent views` : ""),
        state: isClear(single) ? single.mean > 0 ? "yes" : "no" : "undecided",
      })),
      timesText(hours),
    ),
  };
}

/** What time Table 3's rows with disjoint masks take, by the first scale at which it was measured often enough; else "". */
function timesText({ scales }: TableReport): string {
  const said = scales.flatMap(({ id, rows }) => {
    const cells = MASKED.flatMap((row) => rows.find(({ key }) => key === `${row}_dm`)?.cells.ratio ?? [])
      .filter(({ n, change = null }) => n >= REPEATS && isSteady(change));
    if (cells.length < MASKED.length) return [];
    const sorted = cells.toSorted((a, b) => a.mean - b.mean);
    const [least, most] = [sorted[0], sorted[sorted.length - 1]].map((cell) => estimated(cell, 2));
    const n = Math.min(...cells.map(({ n }) => n));
    return [`${least} to ${most} of the time, in ${MASKED.length} methods (scale ${id}, n = ${n}).`];
  });
  return said[0] ?? "";
}

function alsoSaid(answer: OwnAnswer, more: string): OwnAnswer {
  return more === "" || answer.state === "not run" ? answer : { ...answer, text: `${answer.text} ${more}` };
}

/** "-0.88 to +1.68". */
function ends(numbers: number[], decimals: number): string {
  return [...new Set([Math.min(...numbers), Math.max(...numbers)].map((value) => signed(value, decimals)))].join(
    " to ",
  );
}

/** The same with intervals. */
function endsOf(all: Estimate[], decimals: number): string {
  const sorted = all.toSorted((a, b) => a.mean - b.mean), ends = [sorted[0], sorted[sorted.length - 1]];
  return [...new Set(ends.map((end) => estimated(end, decimals, true)))].join(" to ");
}

/** Our runs at every scale with intervals, or else at the first one with a pair. */
function ofScales(
  table: TableReport,
  pairs: [row: string, against: string][],
  column: string,
  said: (found: Estimate[]) => Pick<OwnAnswer, "text" | "state">,
): OwnAnswer {
  const all = table.scales.map((scale) => ({ scale, found: found(scale, pairs, column) }))
    .filter(({ found }) => found.length > 0);
  const known = all.filter(({ found }) => found.every(({ half }) => half !== null));
  const shown = (known.length > 0 ? known : all.slice(0, 1)).map(({ scale, found }) => {
    const n = Math.min(...found.map(({ n }) => n)), halves = found.map(({ half }) => half);
    const half = halves.some((one) => one === null) ? null : Math.max(...halves.map(Number));
    const { text, state } = said(found),
      lead = state === "undecided" ? "Undecided here: " : "";
    return { text: `${lead}${text} (scale ${scale.id}, n = ${n}).`, state, scale: scale.id, n, half };
  });
  return shown.length === 0 ? NOT_RUN : { ...shown[0], text: shown.map(({ text }) => text).join(" ") };
}

function found(scale: ScaleReport, pairs: [row: string, against: string][], column: string): Estimate[] {
  const inColumn = ({ byColumn }: Difference) => byColumn.get(column) ?? [];
  return differencesOf(scale, { pairs, columns: [column] }).flatMap(inColumn);
}
