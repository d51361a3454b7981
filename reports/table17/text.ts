import { type Block, groupRuns } from "../judging/blocks.ts";
import { fixed } from "../render/format.ts";
import { publishedObservation } from "../judging/observations.ts";
import type { PublishedTable } from "../sources/publishedSchema.ts";
import { resultId } from "../results/identity.ts";
import type { RunResult } from "../results/schema.ts";
import type { Estimate } from "../judging/statistics.ts";
import { measuredRow } from "./measured.ts";
import { baseline } from "./sources.ts";

const heads = ["", "h/ep", "ratio", "top-1", "drop", "s/ep", "ratio", "top-1", "top-5", "drop", "n"];
const gap = "  ";

/**
 * Table 17 for a terminal: published values beside the means of the runs, aligned, at most 100 columns wide, one table
 * per scale.
 *
 * @throws {UserError} when one row of a scale was run with two configurations
 */
export function table17Text(published: PublishedTable, runs: RunResult[]): string {
  const linked = runs.map((result) => ({ id: resultId(result), href: "", result }));
  const blocks: (Block | null)[] = groupRuns(linked, baseline);
  return (blocks.length === 0 ? [null] : blocks).map((block) => blockText(published, block)).join("\n");
}

function blockText(published: PublishedTable, block: Block | null): string {
  const lines = [heads, ...published.rows.map(({ key, label }) => rowCells(published, block, key, label))];
  const widths = heads.map((_, k) => Math.max(...lines.map((cells) => cells[k].length)));
  const ours = block ? `ours (profile ${block.profile})` : "ours (nothing was run)";
  const left = widths.slice(0, 5).reduce((sum, width) => sum + width + gap.length, 0);
  const above = `${"".padEnd(widths[0] + gap.length)}published`.padEnd(left) + ours;
  const aligned = lines.map((cells) =>
    cells.map((cell, k) => k === 0 ? cell.padEnd(widths[k]) : cell.padStart(widths[k])).join(gap).trimEnd()
  );
  return [above, ...aligned, ""].join("\n");
}

function rowCells(published: PublishedTable, block: Block | null, row: string, label: string): string[] {
  const printed = publishedObservation(published);
  const { gpu_hours = NaN, top1 = NaN, top1_drop = NaN } = printed[row] ?? {};
  const ratio = gpu_hours / (printed[baseline]?.gpu_hours ?? NaN);
  const found = block && measuredRow(block, row);
  const mean = (value: Estimate | null, decimals: number) => value ? fixed(value.mean, decimals) : "-";
  const ours = found
    ? [
      mean(found.secondsPerEpoch, 1),
      mean(found.ratio, 3),
      mean(found.top1, 2),
      mean(found.top5, 2),
      mean(found.drop, 2),
      String(found.n),
    ]
    : ["not run", "-", "-", "-", "-", "0"];
  return [label, String(gpu_hours), fixed(ratio, 3), String(top1), String(top1_drop), ...ours];
}
