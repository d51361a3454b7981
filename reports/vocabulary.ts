/* The words that the sources, the judging and the report's model share; it imports nothing. */

/** A paper whose tables and claims are reported on. */
export type Paper = "thesis" | "vitfreeze" | "dmjd";

/** A value of one cell in the author's released logs. */
export interface AuthorsCell {
  row: string;
  column: string;
  value: number;
  /** The log it is read from, e.g. "ViT_orig/full_pretrain_out_1gpu". */
  run: string;
  /** How: "mean hours inside the steps per epoch", "best top-1", … */
  what: string;
  note: string;
}

/** A claim's text, and its place in the papers. */
export interface ClaimHead {
  id: string;
  paper: Paper;
  /** Id of the table, figure or list of cross-checks that it stands with, e.g. "thesis.table17"; "" for none. */
  table: string;
  text: string;
  where: string;
  kind: string;
  /** The authors do not make it. */
  derived: boolean;
  /** Id of the claim that says the same and is counted in its place; "" for none. */
  repeats: string;
}

/** The judgement of a claim by numbers that are not ours: the printed ones, or those of the author's logs. */
export type Outcome = "holds" | "fails" | "not checkable";

/** How printed numbers that do not satisfy a claim miss it, the gravest first. */
export const FAULTS = [
  /** Printed numbers speak against it. */
  "inconsistent",
  /** One paper says other than another one. */
  "two papers differ",
  /** It holds as it is meant, not word by word: "all" is nearly all, "half" is less than half. */
  "only in a literal reading",
  /** The last printed digit. */
  "rounding",
  /** What it compares is equal in the printed digits. */
  "undecidable at these digits",
] as const;
/** How printed numbers that do not satisfy a claim miss it. */
export type Fault = typeof FAULTS[number];

/** The judgement of a claim by the runs of one scale; the rules are explained in reports/judging/verdicts.ts. */
export type Verdict =
  | "reproduced"
  | "not reproduced"
  | "inconclusive"
  | "same here"
  | "other here"
  | "undecided here"
  | "another method"
  | "holds by computation"
  | "fails by computation"
  | Fault
  | "not claimed"
  | "refused"
  | "not run at this scale"
  | "not run"
  | "holds in print"
  | "holds in the logs"
  | "fails in the logs"
  | "not checkable"
  | "missing";

/** The judgement of one measured or computed cell beside the printed value. */
export type CellVerdict =
  | "reproduced"
  | "not reproduced"
  | "inconclusive"
  | "another method"
  | "another scale"
  | "holds by computation"
  | "fails by computation"
  | "no print";
