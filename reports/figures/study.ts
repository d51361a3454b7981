import { average } from "../judging/statistics.ts";
import type { PublishedTable } from "../sources/publishedSchema.ts";
import type { MeasuredTable } from "../tables/measured.ts";

/** The table of the study. */
export const STUDY_TABLE = "thesis.table20";

/** One accuracy of the study of data-set size and training lengths (thesis section 4.6, Table 20). */
export interface StudyCell {
  dataset: string;
  classes: number;
  /** Epochs of pre-training and of fine-tuning. */
  pre: number;
  fine: number;
  /** Key of the set-up: a column of Table 20. */
  setup: string;
  /** Percent. */
  top1: number;
}

/** The study as published, or as run by us. */
export interface Study {
  /** "published", or "ours" and the scale. */
  label: string;
  setups: { key: string; label: string }[];
  cells: StudyCell[];
}

/** A length that is varied while the other is averaged over. */
export type Length = "pre" | "fine";

/** The numbers of Table 20. */
export function publishedStudy(table: PublishedTable): Study {
  return studyOf(table, "published", (row, column) => Number(row.values[column]));
}

/** What was measured in the cells of Table 20, means over seeds, at the printed classes and lengths. */
export function measuredStudy({ table, scale, values }: MeasuredTable): Study {
  const cells = Map.groupBy(values, ({ row, column }) => `${row} ${column}`);
  return studyOf(table, `ours (${scale.id})`, ({ key }, column) => {
    const seeds = Map.groupBy(cells.get(`${key} ${column}`) ?? [], ({ seed }) => seed);
    return average([...seeds.values()].map(([{ value }]) => value));
  });
}

/** The study with those data sets and set-ups of which all schedules are there: only these have comparable means. */
export function wholeSets(study: Study, published: Study): Study {
  const count = ({ cells }: Study, { dataset, setup }: StudyCell) =>
    cells.filter((cell) => cell.dataset === dataset && cell.setup === setup).length;
  return { ...study, cells: study.cells.filter((cell) => count(study, cell) === count(published, cell)) };
}

function studyOf(
  table: PublishedTable,
  name: string,
  top1: (row: PublishedTable["rows"][number], column: string) => number,
): Study {
  const setups = table.columns.filter(({ key }) => key.startsWith("acc_")).map(({ key, label }) => ({
    key,
    label: label.replace(/^Acc \((.*)\)$/, "$1").replace("t_0", "t0").replace(/ ?= ?/g, " = "),
  }));
  const cells = table.rows.flatMap((row) =>
    setups.map(({ key }) => ({
      dataset: String(row.values.dataset),
      classes: Number(String(row.values.dataset).replace(/\D/g, "")),
      pre: Number(row.values.pre_epochs),
      fine: Number(row.values.fine_epochs),
      setup: key,
      top1: top1(row, key),
    }))
  );
  return { label: name, setups, cells: cells.filter(({ top1 }) => Number.isFinite(top1)) };
}

/** The data sets of a study, those of fewer classes first. */
export function datasets({ cells }: Study): string[] {
  const classes = new Map(cells.map((cell) => [cell.dataset, cell.classes]));
  return [...classes].sort((a, b) => a[1] - b[1]).map(([name]) => name);
}

/** Accuracy against the number of classes: the mean over all schedules, by set-up. */
export function meansByClasses(
  { setups, cells }: Study,
): { setup: string; classes: number; top1: number; n: number }[] {
  return setups.flatMap(({ key }) => {
    const groups = Map.groupBy(cells.filter(({ setup }) => setup === key), ({ classes }) => classes);
    return [...groups].sort((a, b) => a[0] - b[0]).map(([classes, group]) => ({
      setup: key,
      classes,
      top1: average(group.map(({ top1 }) => top1)),
      n: group.length,
    }));
  });
}

/** Accuracy against one length: the mean over the other length, by set-up, for one data set. */
export function meansByLength(study: Study, dataset: string, length: Length) {
  const here = study.cells.filter((cell) => cell.dataset === dataset);
  return study.setups.flatMap(({ key }) => {
    const groups = Map.groupBy(here.filter(({ setup }) => setup === key), (cell) => cell[length]);
    return [...groups].sort((a, b) => a[0] - b[0]).map(([epochs, group]) => ({
      setup: key,
      epochs,
      top1: average(group.map(({ top1 }) => top1)),
    }));
  });
}

/** The accuracy of one set-up divided by that of another, for every data set and schedule that has both. */
export function ratios({ cells }: Study, numerator: string, denominator: string) {
  const below = new Map(
    cells.filter(({ setup }) => setup === denominator).map((cell) => [scheduleKey(cell), cell.top1]),
  );
  return cells.filter(({ setup }) => setup === numerator).flatMap((cell) => {
    const whole = below.get(scheduleKey(cell));
    const { dataset, pre, fine, top1 } = cell;
    return whole === undefined ? [] : [{ dataset, pre, fine, ratio: top1 / whole }];
  });
}

function scheduleKey({ dataset, pre, fine }: StudyCell): string {
  return `${dataset} ${pre} ${fine}`;
}
