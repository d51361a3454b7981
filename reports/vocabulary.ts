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
}

/** The judgement of a claim by numbers that are not ours: the printed ones, or those of the author's logs. */
export type Outcome = "holds" | "fails" | "not checkable";

/** The judgement of a claim by the runs of one scale; the rules are explained in reports/judging/verdicts.ts. */
export type Verdict =
  | "reproduced"
  | "not reproduced"
  | "inconclusive"
  | "contradicted by the paper itself"
  | "not run at this scale"
  | "not run"
  | "holds in print"
  | "not checkable"
  | "missing";

/** The judgement of one measured or computed cell beside the printed value. */
export type CellVerdict = "reproduced" | "not reproduced" | "inconclusive" | "another scale" | "no print";
