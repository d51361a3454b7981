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
/** The control of Table 11 that stops where freezing's time is over. */
const STOPPED = `${BASELINE}_stopped`;

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
  const stops = (scale: ScaleReport) => table11.scales.find(({ id }) => id === scale.id);
  const questions: [wanted: number, ask: (scale: ScaleReport) => OwnAnswer][] = [
    [REPEATS, saved],
    [SEEDS, cost],
    [SEEDS, (scale) => stopped(scale, stops(scale))],
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

/** By how much of LocalMIM's whole time a stop may take longer than freezing: whole epochs come no nearer. */
const LONGER = 0.03;

/**
 * Freezing beside LocalMIM that takes about as long or less: its weights of the latest such epoch, as in print, and those of a
 * shorter run whose learning rate ends at zero. Which stop is shown hangs on times, and on which have the wanted seeds, alone.
 */
function stopped(scale: ScaleReport, table11: ScaleReport | undefined): OwnAnswer {
  const frozen = both(scale).filter(({ row }) => freezes(row) && row.like === "");
  const longest = Math.min(...frozen.map(({ ratio }) => ratio.mean)) + LONGER;
  const stops = (table11 ? both(table11) : []).filter(({ row: { key }, ratio }) =>
    key.startsWith(`${BASELINE}_`) && ratio.mean <= longest
  ).map((stop) => ({ ...stop, gains: frozen.map(({ drop }) => between(stop.drop, drop)) }));
  const isKnown = ({ gains }: typeof stops[number]) => gains.every(({ n }) => n >= SEEDS);
  const [early] = stops.filter(({ row }) => row.key !== STOPPED)
    .sort((a, b) => Number(isKnown(b)) - Number(isKnown(a)) || b.ratio.mean - a.ratio.mean);
  const shown = [...(early ? [early] : []), ...stops.filter(({ row }) => row.key === STOPPED)];
  if (frozen.length === 0 || shown.length === 0) return NOT_RUN;
  const share = (of: readonly { ratio: MeasuredCell }[]) => rangeText(of.map(({ ratio }) => ratio.mean), 2);
  const words = shown.map((stop, k) => {
    const { row, drop, gains } = stop, pairs = gains.every(({ n }) => n > 0);
    const how = row.key === STOPPED ? "with its learning rate at zero " : "stopped ";
    const more = pairs ? ` (${k === 0 ? "freezing " : ""}${rangeOf(gains, 2)} more${k === 0 ? ", by pairs" : ""})` : "";
    return `${how}at ${share([stop])} of its time ${k === 0 ? "loses " : ""}${estimated(drop, 2)}${
      k === 0 ? " points" : ""
    }${more}`;
  });
  const lost = rangeOf(frozen.map(({ drop }) => drop), 2);
  const text = `LocalMIM ${words.join(", ")}; freezing takes ${share(frozen)} and loses ${lost}`;
  const steady = [...shown, ...frozen].every(({ ratio: { change = 0 } }) => isSteady(change));
  // That freezing is better is not said where some stop seems to lose less than those that are shown.
  const least = Math.min(...shown.map(({ drop }) => drop.mean)), found = beside(shown, frozen);
  const other = found === "yes" && stops.some(({ drop }) => drop.mean < least);
  return answer(scale, shown.flatMap(({ gains }) => gains), steady && !other ? found : "undecided", text, true);
}

/**
 * Whether freezing is better than all stops, "yes", or worse than one that takes no longer, "no": what it loses more lies below or
 * above 0 in all its rows.
 */
function beside(stops: { ratio: MeasuredCell; gains: Estimate[] }[], frozen: { ratio: MeasuredCell }[]) {
  const end = ({ mean, half }: MeasuredCell, sign: number) => mean + sign * (half ?? 0);
  const longest = Math.min(...frozen.map(({ ratio }) => end(ratio, 1)));
  const signs = stops.map(({ ratio, gains }) => {
    const sign = accuracy(gains.map((gain) => ({ ...gain, mean: -gain.mean })));
    return sign === "no" && end(ratio, -1) > longest ? "undecided" : sign;
  });
  if (signs.includes("no")) return "no";
  return signs.every((sign) => sign === "yes") ? "yes" : "undecided";
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
