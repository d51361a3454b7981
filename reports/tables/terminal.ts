import { wrapped } from "../../cli/columns.ts";
import type { Experiment } from "../../experiments/experiment.ts";
import { recordId } from "../../records/identity.ts";
import type { PhaseRecord } from "../../records/schema.ts";
import { fixed } from "../format.ts";
import type { MeasuredColumn, ScaleReport } from "../model.ts";
import type { Asked } from "../scales/runs.ts";
import { scaleAt, settingsName } from "../scales/scale.ts";
import { loadPublishedTable } from "../sources/published.ts";
import type { PublishedTable } from "../sources/publishedSchema.ts";
import { alignedTable, type TextTable } from "./aligned.ts";
import { filledTable } from "./fills.ts";
import { type MeasuredTable, measuredTable } from "./measured.ts";
import { scaleReport } from "./tableReport.ts";

/** Of a table of more rows only those that were run are printed. */
const MOST_ROWS = 40;

/**
 * The tables that an experiment fills for a terminal, its own first: printed values beside the means of the runs.
 *
 * @param records of any phases; those that the experiment has no use for at these settings are passed over
 * @param columns characters in a line
 */
export async function terminalTables(
  experiment: Experiment,
  settings: Asked,
  records: readonly PhaseRecord[],
  columns: number,
): Promise<string> {
  const own = (table: string) => table === experiment.id ? 0 : 1;
  const ids = experiment.fills.map(({ table }) => table).sort((a, b) => own(a) - own(b));
  const tables: string[] = [];
  for (const id of ids) {
    tables.push(tableText(await loadPublishedTable(id), { experiment, settings, records }, columns));
  }
  return tables.join("\n");
}

/** What an experiment's runs at some settings have left. */
export interface Ran {
  experiment: Experiment;
  settings: Asked;
  records: readonly PhaseRecord[];
}

/** One published table for a terminal: printed values beside the means of the runs, aligned. */
export function tableText(table: PublishedTable, ran: Ran, columns: number): string {
  const measured = measuredOf(table, ran), report = scaleReport(measured);
  const isRun = ({ state }: { state: string }) => state !== "not run";
  const shown = report.rows.filter((row) => table.rows.length <= MOST_ROWS || isRun(row));
  const compared = report.columns.filter(({ published }) => Object.keys(published).length > 0);
  const short = ({ key }: MeasuredColumn) => measured.columns.find((column) => column.key === key)!.short;
  const heads = [...compared.map(short), ...report.columns.map(short), "n"];
  const lines = shown.map(({ key }) => rowCells(report, compared, key));
  const nothing = report.rows.some(isRun) ? settingsName(ran.settings) : "nothing was run";
  const text: TextTable = {
    name: table.id,
    labels: shown.map(({ label }) => label),
    columns: heads.map((head, k) => ({
      head,
      group: k < compared.length ? "published" : `ours (${nothing})`,
      cells: lines.map((cells) => cells[k]),
      spare: k < compared.length && head === "top-5",
    })),
  };
  const without = table.rows.length - shown.filter(({ like }) => like === "").length;
  return [
    ...alignedTable(text, columns),
    ...noPairs(report).flatMap((line) => wrapped(line, columns)),
    ...(without > 0 ? [`${without} of ${table.rows.length} rows were not run`] : []),
    "",
  ].join("\n");
}

function measuredOf(table: PublishedTable, { experiment, settings, records }: Ran): MeasuredTable {
  const filled = filledTable(table, [experiment]);
  if (filled === undefined) throw new RangeError(`Cannot print ${table.id}: ${experiment.id} does not fill it`);
  const linked = records.map((record) => ({ id: recordId(record), href: "", record }));
  return measuredTable(scaleAt(settings, linked, [experiment]), filled);
}

function rowCells(report: ScaleReport, compared: MeasuredColumn[], key: string): string[] {
  const { cells, n, state } = report.rows.find((row) => row.key === key)!;
  const ours = report.columns.map(({ key, decimals }) => key in cells ? fixed(cells[key].mean, decimals) : "-");
  if (state === "not run") ours[0] = state;
  const printed = compared.map(({ published, decimals }) => key in published ? fixed(published[key], decimals) : "-");
  return [...printed, ...ours, String(n)];
}

/** Why rows that were run are not compared with their baseline, each reason once a row. */
function noPairs({ rows }: ScaleReport): string[] {
  return rows.flatMap(({ label, absent }) => {
    return [...new Set(Object.values(absent))].filter((why) => why.startsWith("no pair"))
      .map((why) => `${label}: ${why}`);
  });
}
