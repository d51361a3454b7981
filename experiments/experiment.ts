import type { z } from "zod";
import type { DataConfig, Phase } from "../records/phase.ts";
import type { Reading } from "../records/readings.ts";

/** What every recipe's settings have; a recipe adds a section for each kind of phase that it uses. */
export interface Settings {
  /** Names all random numbers. */
  seed: number;
  /** Which images. */
  data: DataConfig;
}

/** Settings of a family of experiments: what they may be, and the scales at which they are run. */
export interface Recipe<S extends Settings> {
  /** Messages say what is wanted. */
  schema: z.ZodType<Omit<S, "seed">>;
  /** A setting that does not fit the rest: key, value found, value wanted. */
  fault(settings: Omit<S, "seed">): string | undefined;
  profiles: Record<string, Omit<S, "seed">>;
}

/** One model of a table: its last phases; those before follow from these. */
export interface Run {
  /** Its name in words. */
  label: string;
  /** Those that nothing of the run rests on. */
  phases: Phase[];
}

/** A run that the print has not: a control, or a printed row with another backward pass. */
export interface Control extends Run {
  /** The run of the print beside which it stands: it fills the same columns. */
  like: string;
}

/** What fills a printed cell: a reading of a run. */
export interface Source {
  run: string;
  reading: Reading;
}

/** How runs fill cells of a published table. */
export interface Fill {
  /** E.g. "thesis.table17". */
  table: string;
  /** The row, or for each row the row, that times and drops are relative to. */
  baseline?: string | ((row: string) => string | undefined);
  /** What fills a cell; nothing for one that no run tells. */
  cell(row: string, column: string): Source | undefined;
  /** Readings of a row's run that the print has not, by column key: shown beside the printed columns where there are some. */
  beside?: Record<string, Reading>;
  /** Why no run tells a row or a column, by its key; columns that are settings of the row need no reason. */
  unfilled?: Record<string, string>;
}

/** An experiment: named runs, and the printed cells that they fill. */
export interface Experiment<S extends Settings = Settings> {
  /** Of the table that it is named after. */
  id: string;
  /** What it asks, in one line. */
  question: string;
  /** Minutes on two cores, where known, by profile. */
  minutes: Record<string, number>;
  recipe: Recipe<S>;
  runs(settings: S): Record<string, Run>;
  /** Runs that the print has not; they are run where `--rows` names them. */
  controls?(settings: S): Record<string, Control>;
  fills: Fill[];
}

/** Fills in which a printed row is a run, of the same name unless `names` says otherwise, and each column a reading. */
export function byRow(readings: Record<string, Reading>, names: Record<string, string> = {}): Fill["cell"] {
  return (row, column) =>
    Object.hasOwn(readings, column) ? { run: names[row] ?? row, reading: readings[column] } : undefined;
}
