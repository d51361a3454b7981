import type { MeasuredCell, MeasuredColumn, ScaleSummary } from "../model.ts";
import { counted, estimated, fixed, listed, signed } from "../format.ts";

const FIGURE_SPACE = "\u2007", POINT_SPACE = "\u2008";

/** Digits that a column of printed values has after the point at most. */
export function decimalsOf(values: (number | string | null)[]): number {
  return Math.max(0, ...values.filter((value) => typeof value === "number").map(decimals));
}

function decimals(value: number): number {
  return String(value).split(".")[1]?.length ?? 0;
}

/** Blank digits that fill a number up to so many decimals, so that the points of a column stand below one another. */
export function blankDigits(value: number, columnDecimals: number): string {
  const own = decimals(value);
  const point = own === 0 && columnDecimals > 0 ? POINT_SPACE : "";
  return `${point}${FIGURE_SPACE.repeat(Math.max(0, columnDecimals - own))}`;
}

/** A number that is not printed, to at most four decimals, as short as it can be. */
export function shortened(value: number): string {
  return String(Number(value.toFixed(4)));
}

/** Blank digits after a `shortened` number among those of its column. */
export function blankAfter(value: number, column: number[]): string {
  const short = (value: number) => Number(shortened(value));
  return blankDigits(short(value), decimalsOf(column.map(short)));
}

/** Our value with its interval, e.g. "61.50 ± 0.12". */
export function ours(cell: MeasuredCell, column: MeasuredColumn): string {
  return estimated(cell, column.decimals);
}

/** Our value minus the printed one, with a sign. */
export function difference(cell: MeasuredCell, column: MeasuredColumn): string {
  return cell.difference === null ? "" : signed(cell.difference, column.decimals).replace("-", "−");
}

/** Hours of computation in words. */
function hoursText(hours: number): string {
  return hours < 1 ? `${(hours * 60).toFixed(0)} minutes` : `${hours.toFixed(1)} hours`;
}

/** What was run at a scale: "4 runs of thesis.table17 in 8 records, 12 minutes of computation.". */
export function ranText({ runs, experiments, records, hours, measured }: ScaleSummary): string {
  const links = records.flatMap(({ links }) => links), found = links.filter(({ lost }) => lost === null).length;
  const of = experiments.length === 0 ? "" : ` of ${listed(experiments)}`;
  const ran = found > 0
    ? `${counted(runs, "run")}${of} in ${counted(found, "record")}, ${hoursText(hours)} of computation.`
    : links.length > 0
    ? "No record is left: their files are missing or damaged."
    : "";
  const timed = measured.count === 0
    ? ""
    : `${counted(measured.count, "measurement")} of time${ran ? "" : " alone"}, ${hoursText(measured.hours)}.`;
  return [ran, timed].filter((text) => text !== "").join(" ");
}

/** The first facts of a scale, which say of what its runs are: "Model: … Data: …". */
export function mainFacts({ facts }: ScaleSummary): string {
  return facts.slice(0, 2).join(". ");
}

/** "0.10 to 0.54", or one number where the ends are written alike; at least one number. */
export function rangeText(numbers: number[], decimals: number): string {
  const ends = [Math.min(...numbers), Math.max(...numbers)].map((value) => fixed(value, decimals));
  return [...new Set(ends)].join(" to ");
}
