/** A table with its verdicts, all in words: what the Markdown and the HTML renderer print. */
export interface ReportView {
  title: string;
  /** Paragraphs before the blocks. */
  lead: string[];
  blocks: BlockView[];
}

/** The comparison with the runs of one scale. */
export interface BlockView {
  title: string;
  /** What was run, one fact a line. */
  facts: string[];
  groups: ColumnGroup[];
  rows: RowView[];
  verdicts: VerdictView[];
}

/** Neighbouring columns under one heading. */
export interface ColumnGroup {
  label: string;
  columns: string[];
}

/** One row; its cells follow the columns of all groups in order. */
export interface RowView {
  label: string;
  cells: Cell[];
}

/** Text, or links. */
export type Cell = string | Link[];

/** A link with the words before it. */
export interface Link {
  before: string;
  text: string;
  href: string;
}

/** A claim and how it fares. */
export interface VerdictView {
  id: string;
  claim: string;
  where: string;
  verdict: string;
  published: string;
  authors: string;
  ours: string;
  reason: string;
}
