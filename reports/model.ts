import type { PhaseKind } from "../records/phase.ts";
import type { PublishedTable } from "./sources/publishedSchema.ts";
import type { AuthorsCell, CellVerdict, ClaimHead, Outcome, Paper, Verdict } from "./vocabulary.ts";

/*
 * What a report says, in data: the pages, the Markdown and the JSON files are all written from this, none of them
 * computes anything. Every member is JSON.
 */

/** The whole report. */
export interface Report {
  tables: TableReport[];
  /** Claims that belong to no table: definitions, and what the text alone says. */
  textClaims: ClaimReport[];
  /** The numbered claims of the DMJD paper; each rests on checks that stand with the tables. */
  dmjdClaims: ClaimReport[];
  /** Checks that span DMJD's tables, and those of its figures. */
  crossChecks: ClaimReport[];
  figures: FigureReport[];
  /** How far two single runs of the published scale may lie apart by chance, in points of top-1: half of a 95 % band. */
  band: number;
  /** Published figures that cannot be redrawn, or not wholly, each with the reason. */
  undrawn: UndrawnFigure[];
  /** Every scale at which something was run, with all its records. */
  scales: ScaleSummary[];
  repeats: Repeats;
  /** What is to be said about records that are not used, and about lost ones that belong to no scale. */
  warnings: string[];
}

/** One published table beside the author's logs and our runs. */
export interface TableReport {
  /** E.g. "thesis.table17". */
  id: string;
  paper: Paper;
  /** As printed: "Table 17", "Table VI". */
  number: string;
  title: string;
  section: string;
  kind: "result" | "definition";
  model: string;
  dataset: string;
  recipe: Record<string, string | number>;
  columns: PublishedTable["columns"];
  /** Values as printed: null where the cell is empty. */
  rows: { key: string; label: string; note: string; values: Record<string, string | number | null> }[];
  /** What is doubtful about the print. */
  doubts: string[];
  /** What the released logs say about cells of this table. */
  authors: AuthorsCell[];
  /** Our runs, one entry per scale, the largest first; empty when nothing was run. */
  scales: ScaleReport[];
  /** Why no run fills a row or a column, by its key. */
  unfilled: Record<string, string>;
  /** Cells that are computed from our code instead of runs: definitions. */
  computed: ComputedCell[];
  claims: ClaimReport[];
}

/** A value that our code computes without training. */
export interface ComputedCell {
  row: string;
  column: string;
  value: string | number;
  /** What computes it, e.g. "datasets/classes". */
  by: string;
  verdict: CellVerdict;
}

/** The runs of one scale in the rows of one table. */
export interface ScaleReport {
  /** Names the scale in addresses: letters, digits, dashes. */
  id: string;
  /** E.g. "profile laptop with pretrain.epochs=20". */
  settings: string;
  /** Whether it is the scale of the print. */
  published: boolean;
  /** Model, data, lengths, engine, machine, what is pooled and what is not: one fact a line. */
  facts: string[];
  columns: MeasuredColumn[];
  rows: MeasuredRow[];
}

/** A column of what our runs measure, and the print's value that it is compared with. */
export interface MeasuredColumn {
  key: string;
  label: string;
  unit: string;
  decimals: number;
  /** `scale`: the value depends on data, model and machine; `relative`: it is compared with the print at any scale, where
   * freezing alone makes it. */
  meaning: "scale" | "relative";
  /** The print's values by row, computed from printed columns where the print has no such column. */
  published: Record<string, number>;
}

/** One row as measured. */
export interface MeasuredRow {
  key: string;
  label: string;
  /** The printed row beside which it stands, where the print has it not; "" for a printed row. */
  like: string;
  state: "run" | "not run" | "missing";
  /** Seeds. */
  n: number;
  /** Whether its time alone was measured, though the table has more; `n` counts repeats then. */
  timesAlone?: true;
  /** The records that its cells are read from. */
  records: RecordLink[];
  /** By column key; columns without a value are left out. */
  cells: Record<string, MeasuredCell>;
  /** Why there is no value, by column key: "not run", "missing", "damaged", "no pair: other code than LocalMIM-HOG", … */
  absent: Record<string, string>;
}

/** A record's file as a page links to it. */
export interface RecordLink {
  id: string;
  kind: PhaseKind;
  seed: number;
  href: string;
  /** Where the ledger knows it: its file is gone, or is not what was written. */
  lost: "missing" | "damaged" | null;
}

/** A measured value beside the printed one. */
export interface MeasuredCell {
  mean: number;
  /** Half-width of the 95 % t interval; null below three seeds. */
  half: number | null;
  n: number;
  /** Ours minus published; null where the print has no value. */
  difference: number | null;
  verdict: CellVerdict;
  /** Of a ratio of times: by how much the two rows differ at most in the time of the same work; null where nothing tells it. */
  change?: number | null;
  /** What the mean is of, one of each seed or repeat. */
  values: SeedValue[];
  /** What seeds give in other environments, which the mean does not count: for pairs with rows that have these. */
  apart?: SeedValue[];
}

/** What one seed gives in a cell. */
export interface SeedValue {
  seed: number;
  /** Digits that stand for machine, engine and code: only values of one environment are pairs. */
  environment: string;
  value: number;
}

/** A claim and how it fares on the print, the logs and our runs. */
export interface ClaimReport extends ClaimHead {
  published: { outcome: Outcome; text: string };
  authors: { outcome: Outcome | "no log"; text: string };
  /** Our runs by scale, the largest first; `weak`: too few, or on too unlike machines, to tell. */
  ours: { scale: string; verdict: Verdict; text: string; reason: string; weak?: true }[];
  /** The verdict at the largest scale that has enough runs to tell, else at the largest with runs, or without runs. */
  verdict: Verdict;
  reason: string;
}

/** A figure with the data it is drawn from. */
export interface FigureReport {
  /** File name without ending: letters, digits, dashes. */
  id: string;
  title: string;
  /** One or two sentences: what is seen, where the data come from. */
  caption: string;
  /** How to read the marks; "" where the caption says it. */
  reading: string;
  /** The figure of a paper that it redraws, e.g. "thesis.figure07"; "" when it is ours. */
  of: string;
  /** The tables whose values it shows, by id. */
  tables: string[];
  /** A self-contained SVG with title and reading. */
  svg: string;
  /** The same without these, for a page that has them: where there is room, and for a phone. */
  wide: string;
  narrow: string;
  /** The data as CSV with a header line. */
  csv: string;
}

/** A published figure that cannot be redrawn, or not wholly. */
export interface UndrawnFigure {
  /** E.g. "dmjd.figure5". */
  id: string;
  title: string;
  why: string;
}

/** Phases that were run more than once on one kind of machine, by how many of them. */
export interface Repeats {
  phases: number;
  /** Run by different code of this project. */
  otherCode: number;
  /** Run on different days. */
  otherDay: number;
  /** Whose weights and accuracies are the same each time, to the last bit. */
  alike: number;
  /** Of records that name no kind of processor: phases run again on another day on a kind that is named, and those alike on some kind. */
  unnamed: { phases: number; alike: number };
}

/** One scale at which something was run. */
export interface ScaleSummary {
  id: string;
  settings: string;
  /** Ids of the experiments of which something was run. */
  experiments: string[];
  facts: string[];
  /** Runs that are finished: rows and seeds, those of several experiments once. */
  runs: number;
  /** All records, by the label of the first run that needs them. */
  records: { label: string; links: RecordLink[] }[];
  /** The weights that its phases have left, by the label of the first run that needs them. */
  weights: WeightsReport[];
  /** Wall-clock hours of all its records. */
  hours: number;
  /** The measurements of times alone, and the wall-clock hours that they took. */
  measured: { count: number; hours: number };
}

/** Weights that a phase has left at its end. */
export interface WeightsReport {
  label: string;
  kind: PhaseKind;
  seed: number;
  epochs: number;
  /** Numbers that the model trains. */
  params: number;
  /** SHA-256 of the weights. */
  sha256: string;
  /** Percent of the test images, where the phase measures it. */
  top1: number | null;
  /** The record, and the address of its file. */
  id: string;
  href: string;
}
