import { fixed, signed } from "../format.ts";
import { type CostPoint, stoppedEarlier } from "../figures/pareto.ts";
import { loggedPoints, printedPoints } from "../figures/publishedPoints.ts";
import type { Report, TableReport } from "../model.ts";
import type { Answer } from "./answer.ts";
import { BASELINE, FREEZES, ownAnswers, WINS_BACK } from "./ownAnswers.ts";
import { convNetAnswer, maskingAnswer } from "./workAnswers.ts";
import { rangeText } from "./numbers.ts";

/** The questions about ViTFreeze; the answers are in the same order. */
const QUESTIONS = [
  "How much time does freezing save?",
  "What does it cost in accuracy?",
  "Is it better than stopping earlier?",
  "Does SR-LR win it back?",
] as const;

/** What a source has of the rows of Table 17: hours of an epoch and top-1 by row. */
interface Source {
  hours: Map<string, number>;
  top1: Map<string, number>;
  /** Table 11 and 17 together. */
  points: CostPoint[];
}

/**
 * What freezing saves and costs, beside stopping earlier, and whether SR-LR wins it back: on the print, in the logs and in
 * our runs of Tables 11 and 17; then what the two other works say. All numbers are the report's.
 *
 * @returns no answers where the report has not both tables
 */
export function answers(report: Report): Answer[] {
  const [table11, table17] = ["thesis.table11", "thesis.table17"].map((id) =>
    report.tables.find((one) => one.id === id)
  );
  if (table11 === undefined || table17 === undefined) return [];
  const points = printedPoints(table11, table17);
  const print = said(printed(table17, points), report.band, "of the print");
  const logs = said(logged(table17, loggedPoints(points, table11.authors)), report.band, "in the logs");
  const ours = ownAnswers(table11, table17);
  return [
    ...QUESTIONS.map((question, k) => ({ question, print: print[k], logs: logs[k], ours: ours[k] })),
    ...[convNetAnswer(report), maskingAnswer(report)].filter((answer) => answer !== undefined),
  ];
}

function printed({ rows }: TableReport, points: CostPoint[]): Source {
  const column = (name: string) => new Map(rows.map(({ key, values }) => [key, Number(values[name])]));
  return { hours: column("gpu_hours"), top1: column("top1"), points };
}

function logged({ authors }: TableReport, points: CostPoint[]): Source {
  const column = (name: string) =>
    new Map(authors.filter((cell) => cell.column === name).map(({ row, value }) => [row, value]));
  return { hours: column("gpu_hours"), top1: column("top1"), points };
}

function said(source: Source, band: number, where: string): string[] {
  return [savedText(source, where), costText(source, where), stopText(source, band), wonBackText(source, band)];
}

function savedText({ hours }: Source, where: string): string {
  const base = hours.get(BASELINE), others = [...hours].filter(([row]) => row !== BASELINE);
  if (base === undefined || others.length === 0) return "No log.";
  const saved = rangeText(others.map(([, own]) => 100 * (1 - own / base)), 1);
  return `${saved} % of pre-training, in ${others.length} rows ${where}.`;
}

function costText({ top1 }: Source, where: string): string {
  const base = top1.get(BASELINE), others = [...top1].filter(([row]) => row !== BASELINE);
  if (base === undefined || others.length === 0) return "No log.";
  return `${rangeText(others.map(([, own]) => base - own), 2)} points of top-1 (from ${fixed(base, 2)} %), in ` +
    `${others.length} rows ${where}, one run each.`;
}

function stopText({ points }: Source, band: number): string {
  const frozen = points.filter(({ freezes }) => freezes), stopped = stoppedEarlier(points, band);
  if (frozen.length === 0) return "No log.";
  if (stopped.length === 0) return "Yes: no early stop of LocalMIM is cheaper and no worse.";
  const stops = [...new Set(stopped.map(({ by }) => by))].toSorted((a, b) => a.hours - b.hours);
  const cost = (of: CostPoint[]) => `${rangeText(of.map(({ hours }) => hours), 1)} h`;
  const gain = (of: CostPoint[]) => `${rangeText(of.map(({ top1 }) => top1), 2)} %`;
  const better = stopped.filter((one) => one.better).length;
  const lead = stopped.length === frozen.length ? "No" : "Not always";
  return `${lead}: LocalMIM stopped at ${
    stops.map(({ name }) => name.replace(/ epochs$/, "")).join(" or ")
  } epochs takes ${cost(stops)} for ` +
    `${gain(stops)}, freezing ${cost(frozen)} for ${gain(frozen)}; better than ${better} of ${frozen.length} ways of ` +
    `freezing beyond chance (±${fixed(band, 2)}), no worse than ${stopped.length - better}.`;
}

function wonBackText({ top1 }: Source, band: number): string {
  const [base, bare, back] = [BASELINE, FREEZES, WINS_BACK].map((row) => top1.get(row));
  if (base === undefined || bare === undefined || back === undefined) return "No log of SR-LR.";
  const won = back - bare, lost = base - bare;
  if (lost <= 0) return `Nothing was lost; SR-LR changes top-1 by ${signed(won, 2)} points.`;
  const chance = Math.abs(won) > band ? "beyond chance" : "within chance";
  return `${won / lost > 0.5 ? "Most of it" : "Not most of it"}: ${fixed(won, 2)} of ${
    fixed(lost, 2)
  } points, one run each, ` +
    `${chance} (±${fixed(band, 2)}).`;
}
