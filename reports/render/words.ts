import type { ClaimReport, FigureReport, MeasuredCell, MeasuredRow, RecordLink, TableReport } from "../model.ts";
import type { AuthorsCell, CellVerdict, Outcome, Paper } from "../vocabulary.ts";

import { paperOf, tableNumber } from "../sources/workIds.ts";

/*
 * What pages and Markdown call things. Every state has a sign beside its word, so that nothing rests on colour.
 */

/** Short names of the papers, as titles begin with them. */
export const papers: Readonly<Record<Paper, string>> = { thesis: "Thesis", vitfreeze: "ViTFreeze", dmjd: "DMJD" };

/** Where to find the papers. */
export const sources: Readonly<Record<Paper, string>> = {
  thesis: "FreezeOut and ViTFreeze in the thesis of U. Topçuoğlu (METU, 2024)",
  vitfreeze: "ViTFreeze, the paper (arXiv 2312.02194)",
  dmjd: "Disjoint masking with joint distillation (DMJD)",
};

/** The papers in the order in which they are shown. */
export const paperOrder: readonly Paper[] = ["thesis", "vitfreeze", "dmjd"];

/** Any state that a badge shows. */
export type State =
  | ClaimReport["verdict"]
  | CellVerdict
  | Outcome
  | ClaimReport["authors"]["outcome"]
  | MeasuredRow["state"]
  | NonNullable<RecordLink["lost"]>
  | "no run needed";

/** A state's sign, and its tone: what colours it on a screen. */
export interface Mark {
  sign: string;
  tone: "yes" | "no" | "open" | "contra" | "none";
}

const marks: Readonly<Record<State, Mark>> = {
  "reproduced": { sign: "✓", tone: "yes" },
  "holds": { sign: "✓", tone: "yes" },
  "holds in print": { sign: "✓", tone: "yes" },
  "not reproduced": { sign: "✗", tone: "no" },
  "fails": { sign: "✗", tone: "no" },
  "missing": { sign: "?", tone: "no" },
  "damaged": { sign: "?", tone: "no" },
  "holds by computation": { sign: "✓", tone: "yes" },
  "fails by computation": { sign: "✗", tone: "no" },
  "holds in the logs": { sign: "✓", tone: "yes" },
  "fails in the logs": { sign: "✗", tone: "no" },
  "same here": { sign: "✓", tone: "yes" },
  "other here": { sign: "✗", tone: "no" },
  "undecided here": { sign: "≈", tone: "open" },
  "another method": { sign: "?", tone: "open" },
  "inconsistent": { sign: "≠", tone: "contra" },
  "two papers differ": { sign: "≠", tone: "contra" },
  "only in a literal reading": { sign: "≠", tone: "contra" },
  "rounding": { sign: "≠", tone: "contra" },
  "undecidable at these digits": { sign: "=", tone: "contra" },
  "not claimed": { sign: "–", tone: "none" },
  "inconclusive": { sign: "≈", tone: "open" },
  "another scale": { sign: "∆", tone: "none" },
  "refused": { sign: "∆", tone: "none" },
  "not run at this scale": { sign: "∆", tone: "none" },
  "not run": { sign: "○", tone: "none" },
  "no run needed": { sign: "–", tone: "none" },
  "run": { sign: "●", tone: "none" },
  "not checkable": { sign: "–", tone: "none" },
  "no log": { sign: "○", tone: "none" },
  "no print": { sign: "–", tone: "none" },
};

/** The sign and tone of a state. */
export function mark(state: State): Mark {
  return marks[state];
}

/** How many times the printed saving a saving has to be before it asks a question. */
const SURPRISE = 1.5;

/**
 * The mark of a measured cell: a value that agrees with the print and goes far beyond it, a saving one and a half times the
 * printed one, is marked as a question.
 *
 * @param printed the print's time ratio; undefined for a cell of another kind
 */
export function cellMark({ mean, verdict }: MeasuredCell, printed: number | undefined): Mark {
  const far = printed !== undefined && printed < 1 && 1 - mean > SURPRISE * (1 - printed);
  return verdict === "reproduced" && far ? { sign: "?", tone: "open" } : mark(verdict);
}

const meanings: Readonly<Record<ClaimReport["verdict"], string>> = {
  "reproduced": "paired runs confirm it, by 95 % intervals",
  "not reproduced": "paired runs speak against it, by 95 % intervals",
  "inconclusive": "there are runs, and they leave it open",
  "same here": "it is so at our scale, which is not the print's",
  "other here": "it is not so at our scale, which is not the print's",
  "undecided here": "runs at our scale, which is not the print's, leave it open",
  "another method": "only times of a backward pass that freezing cuts were measured; the released code has another one",
  "holds by computation": "a definition or arithmetic: our code computes it",
  "fails by computation": "a definition or arithmetic: our code computes something else",
  "inconsistent": "the printed numbers speak against it",
  "two papers differ": "the two papers print different numbers",
  "only in a literal reading": "the printed numbers fail it word by word, not as it is meant",
  "rounding": "the printed numbers miss it by the last digit",
  "undecidable at these digits": "what it compares is printed as equal",
  "not claimed": "the printed numbers fail it, and the authors do not say it",
  "holds in print": "it is about the printed numbers alone, and they satisfy it",
  "holds in the logs": "the author's log decides it, and agrees",
  "fails in the logs": "the author's log decides it, and does not agree",
  "refused": "no run of this project can decide it: it needs the print's own scale, or what the project has not",
  "not run at this scale": "what was run is too small or incomplete to tell",
  "not run": "no run tests it yet",
  "missing": "a result file that it needs is gone or damaged",
  "not checkable": "no number that was printed can decide it",
};

/** Every verdict on a claim with what it means, the weightiest first. */
export const verdictMeanings: readonly [ClaimReport["verdict"], string][] = Object.entries(meanings) as [
  ClaimReport["verdict"],
  string,
][];

/** What a verdict means, in a few words. */
export function meaning(verdict: ClaimReport["verdict"]): string {
  return meanings[verdict];
}

/** What is said of our runs where a claim has none. */
export function withoutRuns({ verdict }: ClaimReport): State {
  const own: readonly State[] = ["not run", "missing", "not checkable", "refused"];
  return own.includes(verdict) ? verdict : "no run needed";
}

/** E.g. "Thesis Table 17". */
export function tableName({ paper, number }: TableReport): string {
  return `${papers[paper]} ${number}`;
}

/** E.g. "Thesis Table 17. Main result". */
export function tableTitle(table: TableReport): string {
  return `${tableName(table)}. ${table.title}`;
}

/** The published figure of an id such as "thesis.figure07": "Thesis Figure 7". */
export function figureName(id: string): string {
  return `${papers[paperOf(id)]} ${tableNumber(id)}`;
}

/** A figure's title, after the published figure that it redraws. */
export function figureTitle({ of, title }: FigureReport): string {
  return of === "" ? title : `${figureName(of)}, redrawn. ${title}`;
}

/** Where a cell is printed: paper, table, section, row and column. */
export function whereCell(table: TableReport, row: string, column: string): string {
  const rowLabel = table.rows.find(({ key }) => key === row)?.label ?? row;
  const columnLabel = table.columns.find(({ key }) => key === column)?.label ?? column;
  return `${tableName(table)}, section ${table.section}; row ${rowLabel}, column ${columnLabel}`;
}

/** What a value of the logs is, and which log it comes from. */
export function whereLogged({ what, run, note }: AuthorsCell): string {
  return [what, `log ${run}`, note].filter((part) => part !== "").join("; ");
}

/** A key of a recipe in words: "pretrain_epochs" becomes "pretrain epochs". */
export function spaced(key: string): string {
  return key.replaceAll("_", " ");
}

/** What runs of one scale are. */
export const RUNS_INTRODUCTION =
  "Runs of one scale share settings and data, whatever experiment asked for them. Two rows are compared where one " +
  "environment made both: code, engine, machine and processes.";
