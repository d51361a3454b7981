import {
  FREEZE_HEAD,
  freezeRows,
  rangeText,
  ratioText,
  SAVING_HEAD,
  savingRows,
  unitless,
  valueText,
} from "./format.ts";
import type { Bench, Entry, Freeze } from "./model.ts";
import { ranksTables } from "./ranksFormat.ts";
import { SCHEDULE_TEXT } from "./trainer.ts";
import { VIEWS_NOTES, viewsTables } from "./viewsFormat.ts";

const HEAD = ["what", "ours", "min … max", "n", "peer", "its", "ratio"];

/** What was measured as tables of at most 100 columns. */
export function benchText({ entries, freeze, ranks, views, settings: { batch } }: Bench): string {
  const parts = entries.length === 0 ? [] : [
    ...aligned([HEAD, ...entries.map(entryCells)]),
    "ratio: how many times as good as the peer, measured in turn with it; above 1 is faster or smaller",
  ];
  const tables = [
    ...(freeze === null ? [] : freezeTables(freeze, batch)),
    ...(ranks ? ranksTables(ranks, batch) : []),
    ...(views ? viewsTables(views) : []),
  ];
  const lines = tables.flatMap(({ title, head, rows }) => ["", title, ...aligned([head, ...rows])]);
  return [...parts, ...lines, ...(views ? ["", ...VIEWS_NOTES] : [])].join("\n");
}

function freezeTables(freeze: Freeze, batch: number) {
  return [
    {
      title: `A step with HOG by frozen layers, batch ${batch}; each state in turn with the unfrozen step`,
      head: FREEZE_HEAD,
      rows: freezeRows(freeze),
    },
    { title: `Saved by the schedule: ${SCHEDULE_TEXT}`, head: SAVING_HEAD, rows: savingRows(freeze) },
  ];
}

function entryCells({ name, unit, ours, peer, ratio }: Entry): string[] {
  return [
    name,
    valueText(ours.median, unit),
    rangeText(ours, unit),
    String(ours.n),
    peer?.name ?? "no peer",
    peer ? unitless(peer.median, unit) : "",
    ratioText(ratio),
  ];
}

/** Rows with columns of equal width: the first on the left, the others on the right. */
function aligned(rows: string[][]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row.map((cell, column) => column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])).join("  ")
  );
}
