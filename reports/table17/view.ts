import type { Block, LinkedResult } from "../judging/blocks.ts";
import { groupRuns } from "../judging/blocks.ts";
import { estimated, fixed } from "../render/format.ts";
import { authorsObservation, blockObservations, publishedObservation } from "../judging/observations.ts";
import type { BlockView, Cell, ReportView, VerdictView } from "../render/view.ts";
import { scaleFacts } from "../judging/scale.ts";
import type { Estimate } from "../judging/statistics.ts";
import { judge } from "../judging/verdicts.ts";
import { measuredRow } from "./measured.ts";
import { baseline, type Table17Sources } from "./sources.ts";

const lead = [
  "Published: {model} on {dataset}, {pretrain} epochs of pre-training and {finetune} of fine-tuning, one run a row, GPU " +
  "hours per epoch. Author's logs: the released training logs of these rows, with the best top-1 of each run.",
  "Ours: seconds inside the steps of pre-training (HOG targets, forward and backward pass, optimiser; waiting for data " +
  "excluded), per epoch. Times and drops are relative to the LocalMIM run of the same seed. ± is the half-width of the " +
  "95 % t interval over n seeds, given from three seeds on. Runs are compared within one scale only, never across.",
];

const groups = [
  { label: "Published", columns: ["GPU h/epoch", "time ratio", "top-1", "top-5", "drop"] },
  { label: "Author's logs", columns: ["GPU h/epoch", "time ratio", "top-1"] },
  { label: "Ours", columns: ["n", "s/epoch", "time ratio", "top-1", "top-5", "drop", "runs"] },
];

/**
 * Table 17 beside the author's logs and our runs, with a verdict on each claim, one block per scale.
 *
 * @param results all checked runs of the experiment; the order does not matter
 */
export function table17View(sources: Table17Sources, results: LinkedResult[]): ReportView {
  const { published } = sources;
  const blocks = groupRuns(results, baseline);
  const words: Record<string, string> = {
    model: published.model,
    dataset: published.dataset,
    pretrain: String(published.recipe.pretrain_epochs),
    finetune: String(published.recipe.finetune_epochs),
  };
  return {
    title: `Table 17. ${published.title}`,
    lead: lead.map((text) => text.replace(/\{(\w+)\}/g, (_, key: string) => words[key])),
    blocks: (blocks.length === 0 ? [null] : blocks).map((block) => blockView(sources, block, blocks)),
  };
}

function blockView(sources: Table17Sources, block: Block | null, all: Block[]): BlockView {
  const { rows } = sources.published;
  return {
    title: block ? `Scale: profile ${block.profile}` : "Nothing was run",
    facts: block ? scaleFacts(block, all) : ["The results folder holds no run of Table 17."],
    groups,
    rows: rows.map(({ key, label }) => ({
      label,
      cells: [...publishedCells(sources, key), ...authorsCells(sources, key), ...ourCells(block, key)],
    })),
    verdicts: verdicts(sources, block),
  };
}

function publishedCells({ published }: Table17Sources, row: string): Cell[] {
  const seen = publishedObservation(published);
  const { gpu_hours, top1, top5, top1_drop } = seen[row] ?? {};
  return [
    printed(gpu_hours),
    ratio(gpu_hours, seen[baseline]?.gpu_hours),
    printed(top1),
    printed(top5),
    printed(top1_drop),
  ];
}

function printed(value: number | undefined): string {
  return value === undefined ? "-" : String(value);
}

function ratio(own: number | undefined, whole: number | undefined): string {
  return own === undefined || whole === undefined ? "-" : fixed(own / whole, 3);
}

function authorsCells({ authors }: Table17Sources, row: string): Cell[] {
  const seen = authorsObservation(authors);
  const { gpu_hours, top1 } = seen[row] ?? {};
  const cell = (value: number | undefined, decimals: number) => value === undefined ? "-" : fixed(value, decimals);
  return [cell(gpu_hours, 4), ratio(gpu_hours, seen[baseline]?.gpu_hours), cell(top1, 2)];
}

function ourCells(block: Block | null, row: string): Cell[] {
  const found = block && measuredRow(block, row);
  if (!found) return ["not run", "-", "-", "-", "-", "-", "-"];
  const cell = (value: Estimate | null, decimals: number) => value ? estimated(value, decimals) : "-";
  const runs = block.runs.filter(({ result }) => result.row === row);
  return [
    String(found.n),
    cell(found.secondsPerEpoch, 2),
    cell(found.ratio, 3),
    cell(found.top1, 2),
    cell(found.top5, 2),
    cell(found.drop, 2),
    runs.map(({ id, href, result }) => ({ before: `seed ${result.seed}`, text: id.slice(0, 8), href })),
  ];
}

function verdicts({ published, authors, claims }: Table17Sources, block: Block | null): VerdictView[] {
  const ours = block ? blockObservations(block) : [];
  const label = (row: string) => published.rows.find(({ key }) => key === row)?.label ?? row;
  return claims.map((claim) => ({
    id: claim.id,
    claim: claim.text,
    where: claim.where ?? "",
    ...judge(claim, [authorsObservation(authors)], ours, block?.profile, label),
  }));
}
