import { hoursPerEpoch, hoursWithLoading, type Reading } from "../../records/readings.ts";
import { columnsOf, type FilledTable, sourceOf } from "./fills.ts";

/** A column of measured values as it is shown. */
export interface ShownColumn {
  key: string;
  label: string;
  /** The label for a terminal. */
  short: string;
  unit: string;
  decimals: number;
  /** The published column whose reading it shows. */
  of: string;
  /**
   * `value`: as it is. `seconds`, `hours`: a time on a machine of our own, so that no print is comparable. `ratio`: over
   * the baseline's value of the same seed; `recompiled` the same with the making of new steps in both. `drop`: how far it lies below the baseline's of the same seed.
   */
  as: "value" | "seconds" | "hours" | "ratio" | "recompiled" | "drop";
  /** How far a value at the published scale may lie from the print and still be the same. */
  tolerance: number;
}

/** Percentage points: the band that a well-known benchmark suite accepts between runs. */
const ACCURACY = 0.2;
const LOSS = 0.001;

/** A published column that runs fill. */
interface FilledColumn {
  key: string;
  label: string;
  reading: Reading;
}

/**
 * The columns in which our runs are shown beside a table, as its readings are compared: time as seconds or hours and as a
 * ratio, accuracies and the drop of the first one, then all else as it is.
 */
export function shownColumns(filled: FilledTable): ShownColumn[] {
  const columns = filledColumns(filled);
  const of = (compared: Reading["compared"]) => columns.filter(({ reading }) => reading.compared === compared);
  const accuracies = of("drop"), paired = filled.fill.baseline !== undefined;
  return [
    ...times(of("ratio"), paired),
    ...accuracies.map((column) => asItIs(column, accuracies, ACCURACY)),
    ...(paired ? accuracies.slice(0, 1).map(drop) : []),
    ...of("value").map((column) => asItIs(column, columns, LOSS)),
  ];
}

function filledColumns(filled: FilledTable): FilledColumn[] {
  return columnsOf(filled).flatMap(({ key, label }) => {
    const readings = filled.table.rows.map((row) => sourceOf(filled, row.key, key)?.reading);
    const reading = readings.find((found) => found !== undefined);
    return reading ? [{ key, label, reading }] : [];
  });
}

/** Time of an epoch where the table has it, else of the whole; and the ratio of the whole where the table has that. */
function times(columns: FilledColumn[], paired: boolean): ShownColumn[] {
  if (columns.length === 0) return [];
  const perEpoch = columns.find(({ reading }) => reading === hoursPerEpoch), whole = columns[columns.length - 1];
  const time: ShownColumn = perEpoch
    ? {
      key: "seconds",
      label: "s/epoch",
      short: "s/ep",
      unit: "s",
      decimals: 2,
      of: perEpoch.key,
      as: "seconds",
      tolerance: 0,
    }
    : {
      key: "hours",
      label: "hours",
      short: "hours",
      unit: "h",
      decimals: 3,
      of: whole.key,
      as: "hours",
      tolerance: 0,
    };
  if (!paired) return [time];
  const ratio = { key: "ratio", label: "time ratio", short: "ratio", unit: "", decimals: 3, tolerance: 0 };
  // The time with loading holds the making of steps already.
  if (whole.reading === hoursWithLoading) return [time, { ...ratio, of: whole.key, as: "ratio" }];
  const recompiled = { ...ratio, key: "recompiled", label: "with recompiling", short: "whole" };
  return [time, { ...ratio, of: whole.key, as: "ratio" }, { ...recompiled, of: whole.key, as: "recompiled" }];
}

/** Named by its reading, or as printed where several columns have the same reading. */
function asItIs({ key, label, reading }: FilledColumn, all: FilledColumn[], usual: number): ShownColumn {
  const alone = all.filter((other) => other.reading === reading).length === 1;
  const { unit, decimals, tolerance = usual } = reading, name = alone ? reading.label : label;
  const short = reading.short ?? (reading.compared === "value" ? name.replace(/.* /, "") : name);
  return { key, label: name, short, unit, decimals, of: key, as: "value", tolerance };
}

function drop({ key, reading: { label, decimals } }: FilledColumn): ShownColumn {
  return {
    key: "drop",
    label: `${label} drop`,
    short: "drop",
    unit: "points",
    decimals,
    of: key,
    as: "drop",
    tolerance: ACCURACY,
  };
}
