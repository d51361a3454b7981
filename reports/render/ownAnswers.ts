import { estimated } from "../format.ts";
import { isSteady } from "../judging/machine.ts";
import { type Estimate, estimate } from "../judging/statistics.ts";
import type { MeasuredCell, MeasuredRow, ScaleReport, TableReport } from "../model.ts";
import { NOT_RUN, type OwnAnswer } from "./answer.ts";
import { rangeText } from "./numbers.ts";
import { pairsOf } from "./pairs.ts";
import { REPEATS, SEEDS } from "./shownScale.ts";

/** The baseline, what freezes, and what wins back, as rows of Table 17. */
export const BASELINE = "localmim", FREEZES = "vitfreeze", WINS_BACK = "vitfreeze_srlr";

/** A row of our runs with a number. */
interface Value {
  row: MeasuredRow;
  cell: MeasuredCell;
}

/**
 * The answers of our runs of Table 17, and of Table 11 at the same scale, in the order of the questions: each at the largest
 * scale with the seeds or repeats that it wants, else at the largest one where something was run.
 */
export function ownAnswers(table11: TableReport, table17: TableReport): OwnAnswer[] {
  const beside = (scale: ScaleReport) => table11.scales.find(({ id }) => id === scale.id);
  const questions: [wanted: number, ask: (scale: ScaleReport) => OwnAnswer][] = [
    [REPEATS, saved],
    [SEEDS, cost],
    [SEEDS, (scale) => stopped(scale, beside(scale))],
    [SEEDS, wonBack],
  ];
  return questions.map(([wanted, ask]) => {
    const all = table17.scales.map(ask).filter(({ state }) => state !== "not run");
    return all.find(({ n }) => n >= wanted) ?? all[0] ?? NOT_RUN;
  });
}

/** Time saved: by rows of the released code's backward pass where there are some. */
function saved(scale: ScaleReport): OwnAnswer {
  const all = values(scale, "ratio").filter(({ row }) => freezes(row));
  const alike = all.filter(({ cell }) => cell.verdict !== "another method"), shown = alike.length > 0 ? alike : all;
  if (shown.length === 0) return NOT_RUN;
  const percent = (of: Value[]) =>
    rangeOf(of.map(({ cell: { mean, half } }) => ({ mean: 100 * (1 - mean), half: half && 100 * half })), 1);
  const cut = all.filter(({ cell }) => cell.verdict === "another method");
  const text = `${percent(shown)} % of pre-training` +
    (alike.length > 0 && cut.length > 0 ? `; ${percent(cut)} % where freezing cuts the backward pass` : "");
  const open = alike.some(({ cell: { change = 0 } }) => !isSteady(change));
  const state = alike.length === 0
    ? "other"
    : open
    ? "undecided"
    : sign(shown.map(({ cell: { mean, half } }) => ({ mean: 1 - mean, half })));
  return answer(scale, shown.map(({ cell }) => cell), state, text);
}

/** Points lost where layers freeze as the print says. */
function cost(scale: ScaleReport): OwnAnswer {
  const shown = values(scale, "drop").filter(({ row }) => freezes(row) && row.like === "");
  if (shown.length === 0) return NOT_RUN;
  const cells = shown.map(({ cell }) => cell), enough = cells.every(({ n }) => n >= SEEDS);
  const lost = enough ? cells.filter((cell) => sign([cell]) === "yes").length : 0;
  const part = lost > 0 && lost < cells.length ? `, clear of 0 in ${lost} of ${cells.length} rows` : "";
  return answer(scale, cells, lost > 0 ? "yes" : accuracy(cells), `${rangeOf(cells, 2)} points of top-1${part}`);
}

/**
 * Freezing beside LocalMIM that stops earlier: of the stops that are cheaper than all freezing the best one, of those that share
 * the wanted seeds with it where there are some.
 */
function stopped(scale: ScaleReport, table11: ScaleReport | undefined): OwnAnswer {
  const frozen = both(scale).filter(({ row }) => freezes(row) && row.like === "");
  const stops = [...both(scale), ...(table11 ? both(table11) : [])].filter(({ row: { key }, ratio }) =>
    key.startsWith(`${BASELINE}_`) && frozen.every((one) => ratio.mean <= one.ratio.mean)
  );
  if (frozen.length === 0 || stops.length === 0) return NOT_RUN;
  const compared = stops.map((stop) => ({ ...stop, gains: frozen.map(({ drop }) => between(stop.drop, drop)) }));
  const known = compared.filter(({ gains }) => gains.every(({ n }) => n >= SEEDS));
  const stop = (known.length > 0 ? known : compared).reduce((best, one) => one.drop.mean < best.drop.mean ? one : best);
  const { gains } = stop;
  const share = (of: readonly { ratio: MeasuredCell }[]) => rangeText(of.map(({ ratio }) => ratio.mean), 2);
  const text =
    `LocalMIM stopped early takes ${share([stop])} of its whole time and loses ${estimated(stop.drop, 2)} points, ` +
    `freezing takes ${share(frozen)} and loses ${rangeOf(frozen.map(({ drop }) => drop), 2)}` +
    (gains.every(({ n }) => n > 0) ? `, by pairs ${rangeOf(gains, 2)} more` : "");
  // Freezing is better where it loses less than the stop, a gain below 0, and no other stop seems to lose less.
  const found = accuracy(gains.map((gain) => ({ ...gain, mean: -gain.mean })));
  const best = compared.every(({ drop }) => drop.mean >= stop.drop.mean);
  const steady = [stop, ...frozen].every(({ ratio: { change = 0 } }) => isSteady(change));
  const state = !steady || (found === "yes" && !best) ? "undecided" : found;
  return answer(scale, gains, state, text, true);
}

/** SR-LR beside bare freezing. */
function wonBack(scale: ScaleReport): OwnAnswer {
  const drops = values(scale, "drop"), of = (key: string) => drops.find(({ row }) => row.key === key);
  const bare = of(FREEZES), back = of(WINS_BACK);
  if (bare === undefined || back === undefined) return NOT_RUN;
  const won = between(back.cell, bare.cell);
  const text = `SR-LR changes top-1 by ${estimated(won, 2, true)} points; freezing alone lost ${
    estimated(bare.cell, 2)
  }`;
  return answer(scale, [won], accuracy([won]), text, true);
}

/**
 * @param estimates what it rests on
 * @param asked whether the question is one of yes or no
 */
function answer(
  scale: ScaleReport,
  estimates: Estimate[],
  state: "yes" | "no" | "undecided" | "other",
  numbers: string,
  asked = false,
): OwnAnswer {
  const n = Math.min(...estimates.map(({ n }) => n)), halves = estimates.map(({ half }) => half);
  const half = halves.some((one) => one === null) ? null : Math.max(...halves.map(Number));
  const lead =
    { yes: asked ? "Yes: " : "", no: "No: ", undecided: "Undecided here: ", other: "Another method: " }[state];
  const note = state === "other" ? "; the backward pass is cut, the released code’s is not" : "";
  return { text: `${lead}${numbers} (scale ${scale.id}, n = ${n}${note}).`, state, scale: scale.id, n, half };
}

/** Above 0 for all: "yes"; below 0 for all: "no"; else, and without intervals, "undecided". */
function sign(estimates: { mean: number; half: number | null }[]): "yes" | "no" | "undecided" {
  const known = estimates.flatMap(({ mean, half }) => half === null ? [] : [{ low: mean - half, high: mean + half }]);
  if (known.length < estimates.length) return "undecided";
  if (known.every(({ low }) => low > 0)) return "yes";
  return known.every(({ high }) => high < 0) ? "no" : "undecided";
}

/** As `sign`; fewer seeds than a verdict on accuracies needs leave it undecided. */
function accuracy(estimates: { n: number; mean: number; half: number | null }[]): "yes" | "no" | "undecided" {
  return estimates.some(({ n }) => n < SEEDS) ? "undecided" : sign(estimates);
}

/** How much less the first loses than the second, by seeds that both have in one environment. */
function between(one: MeasuredCell, other: MeasuredCell): Estimate {
  const pairs = pairsOf(one, other).map(({ own, other }) => other - own);
  return pairs.length > 0 ? estimate(pairs) : { n: 0, mean: other.mean - one.mean, half: null };
}

function freezes({ key }: MeasuredRow): boolean {
  return key.startsWith(FREEZES);
}

function values({ rows }: ScaleReport, column: string): Value[] {
  return rows.flatMap((row) => row.cells[column] === undefined ? [] : [{ row, cell: row.cells[column] }]);
}

/** Rows with a time and a drop. */
function both(scale: ScaleReport): { row: MeasuredRow; ratio: MeasuredCell; drop: MeasuredCell }[] {
  return scale.rows.flatMap((row) => {
    const { ratio, drop } = row.cells;
    return ratio === undefined || drop === undefined ? [] : [{ row, ratio, drop }];
  });
}

/** "2.15 to 3.45", or "0.40 ± 0.21 to 0.90 ± 0.25". */
function rangeOf(all: { mean: number; half: number | null }[], decimals: number): string {
  const sorted = all.toSorted((a, b) => a.mean - b.mean), ends = [sorted[0], sorted[sorted.length - 1]];
  return [...new Set(ends.map((end) => estimated(end, decimals)))].join(" to ");
}
