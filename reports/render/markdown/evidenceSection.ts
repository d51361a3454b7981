import { counted, estimated } from "../../format.ts";
import type { MeasuredCell, MeasuredRow, Report, ScaleReport, TableReport } from "../../model.ts";
import { answers } from "../answers.ts";
import { tablePath } from "../paths.ts";
import { COMPARISONS } from "../comparisons.ts";
import { shownScale } from "../shownScale.ts";
import { comparisonSection } from "./comparisonSection.ts";
import { figureImage } from "./figure.ts";
import { escaped, linked, mdList, mdTable } from "./syntax.ts";

const TABLE = "thesis.table17", FIGURE = "pareto-ours";
/** Columns that are shown of the rows, where there are some. */
const COLUMNS = ["ratio", "top1", "drop", "linear", "knn"];
/** Rows of random weights: fine-tuned as long as the others, and as long as LocalMIM's phases together. */
const SCRATCH = "scratch", SCRATCH_LONG = "scratch_long";

/**
 * What our runs answer, in sentences with numbers, and the rows that they rest on.
 *
 * @param folder address of the report's folder as the page links to it, e.g. "../reports/rendered"
 */
export function evidenceSection(report: Report, folder: string): string {
  const table = report.tables.find(({ id }) => id === TABLE);
  const scale = table && shownScale(table);
  const figure = report.figures.find(({ id }) => id === FIGURE);
  const said = answers(report).map(({ question, ours }) => `**${escaped(question)}** ${escaped(ours.text)}`);
  return [
    mdList([
      ...said,
      ...(table && scale ? [worthText(table)] : []),
      ...(table ? othersText(table) : []),
      ...repeatsText(report),
    ]),
    ...(table && scale ? [rowsText(table, scale, folder)] : []),
    ...(figure ? [figureImage(figure, `${folder}/`)] : []),
    ...COMPARISONS.flatMap((comparison) => comparisonSection(report, comparison, folder)),
  ].join("\n\n");
}

/** Whether pre-training is worth something, at each scale at which random weights were run: by how much the baseline is above them. */
function worthText({ scales }: TableReport): string {
  const question = "**Is pre-training worth something there?**";
  const known = scales.flatMap((scale) => {
    const gain = (key: string) => scale.rows.find((row) => row.key === key)?.cells.drop;
    const same = gain(SCRATCH), long = gain(SCRATCH_LONG);
    return same && long ? [worthAt(scale, same, long)] : [];
  });
  if (known.length > 0) return `${question} ${known.join(" ")}`;
  return `${question} Not known: random weights were not run at scale ${scales.map(({ id }) => id).join(" or ")}.`;
}

function worthAt({ id }: ScaleReport, same: MeasuredCell, long: MeasuredCell): string {
  const clear = [same, long].every(({ mean, half }) => half !== null && mean - half > 0);
  const open = [same, long].some(({ half }) => half === null);
  const lead = clear
    ? "Yes: "
    : open
    ? "Undecided here: "
    : "Not shown, so the scale says nothing about pre-training: ";
  return `${lead}LocalMIM is ${againstText(same)} random weights after the same fine-tuning, ${
    againstText(long)
  } them after training for its total time (scale ${id}, n = ${Math.min(same.n, long.n)}).`;
}

/** How far a row is above or below another one, in points. */
function againstText(drop: MeasuredCell): string {
  const { mean } = drop;
  return mean < 0 ? `${estimated({ ...drop, mean: -mean }, 2)} points below` : `${estimated(drop, 2)} points above`;
}

/** What freezing as in print loses at each scale. */
function othersText({ scales }: TableReport): string[] {
  const each = scales.flatMap(({ id, rows }) => {
    const drop = rows.find(({ key }) => key === "vitfreeze")?.cells.drop;
    return drop ? [`${estimated(drop, 2)} at ${id} (n = ${drop.n})`] : [];
  });
  return each.length < 2 ? [] : [`**What of it depends on scale?** ViTFreeze loses, in points: ${each.join(", ")}.`];
}

/** Whether what was run twice came out the same. */
function repeatsText({ repeats: { phases, otherCode, otherDay, alike, unnamed } }: Report): string[] {
  if (phases === 0) return [];
  const older = unnamed.phases === 0
    ? ""
    : ` Of ${counted(unnamed.phases, "phase")} whose first record does not name ` +
      `the kind, ${unnamed.alike} came out the same, to the last bit, on another day; the others differ, as they do on another kind.`;
  const all = alike === phases, runs = `${counted(phases, "phase")} ${phases === 1 ? "was" : "were"} run again`;
  return [
    `**Does a run come out the same again?** ${all ? "Yes" : "No"}: ${runs} on the same kind of machine, ` +
    `${otherDay} of them on another day and ${otherCode} by other code; ${
      all ? "all" : `${alike} of them`
    } gave the same weights and accuracies, to the last bit.${older}`,
  ];
}

function rowsText(table: TableReport, scale: ScaleReport, folder: string): string {
  const columns = scale.columns.filter(({ key }) => COLUMNS.includes(key));
  const cell = (row: MeasuredRow, key: string, decimals: number) => {
    const found = row.cells[key];
    return found ? estimated(found, decimals) : escaped(row.absent[key] ?? row.state);
  };
  const rows = scale.rows.map((row) => [
    escaped(row.label),
    row.timesAlone ? `${row.n}, times alone` : String(row.n),
    ...columns.map(({ key, decimals }) => cell(row, key, decimals)),
  ]);
  const name = linked(`${table.number} at ${scale.settings}`, `${folder}/${tablePath(table.id, "md")}`);
  const heads = columns.map(({ label, unit }) => escaped(unit === "" ? label : `${label}, ${unit}`));
  return `${name}: means over n paired seeds with 95 % intervals; drops and ratios are beside LocalMIM.\n\n${
    mdTable(["", "n", ...heads], rows)
  }`;
}
