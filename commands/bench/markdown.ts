import {
  factLines,
  FREEZE_HEAD,
  freezeRows,
  rangeText,
  ratioText,
  SAVING_HEAD,
  savingRows,
  valueText,
} from "./format.ts";
import type { Bench } from "./model.ts";
import { ranksTables } from "./ranksFormat.ts";
import { SCHEDULE_TEXT } from "./trainer.ts";
import { VIEWS_NOTES, viewsTables } from "./viewsFormat.ts";

const HEAD = ["what", "ours", "min … max", "n", "peer", "its median", "min … max", "n", "ratio"];

/** The tables of one run in Markdown, the machine and the command above them. */
export function benchMarkdown(bench: Bench): string {
  const { entries, freeze, ranks, views, settings } = bench;
  const rows = entries.map(({ name, unit, ours, peer, ratio }) => [
    name,
    valueText(ours.median, unit),
    rangeText(ours, unit),
    String(ours.n),
    ...(peer
      ? [peer.name, valueText(peer.median, unit), rangeText(peer, unit), String(peer.n)]
      : ["no peer", "", "", ""]),
    ratioText(ratio),
  ]);
  const parts = [factLines(bench).map((line) => `- ${line}`).join("\n")];
  if (rows.length > 0) {
    parts.push(table(HEAD, rows), "ratio: how many times as good as the peer, measured in turn with it.");
  }
  if (freeze !== null) {
    parts.push(
      `A step with HOG by frozen layers, batch ${settings.batch}; each state in turn with the unfrozen step:`,
      table(FREEZE_HEAD, freezeRows(freeze)),
      `Saved by the schedule (${SCHEDULE_TEXT}):`,
      table(SAVING_HEAD, savingRows(freeze)),
    );
  }
  if (ranks !== undefined) {
    parts.push("## Several ranks");
    for (const { title, head, rows } of ranksTables(ranks, settings.batch)) parts.push(`${title}:`, table(head, rows));
  }
  if (views !== undefined) {
    parts.push("## Several views of an image");
    for (const { title, head, rows } of viewsTables(views)) parts.push(`${title}:`, table(head, rows));
    parts.push(VIEWS_NOTES.join(" "));
  }
  return `${parts.join("\n\n")}\n`;
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map((_, column) => column === 0 ? "---" : "---:")), ...rows.map(line)].join("\n");
}
