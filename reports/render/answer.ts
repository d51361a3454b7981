/** What our runs say to a question. */
export interface OwnAnswer {
  /** In a sentence with numbers, scale and seeds. */
  text: string;
  /** "undecided": too few seeds, or an interval that leaves it open; "other": another method than the print's. */
  state: "yes" | "no" | "undecided" | "other" | "not run";
  /** The scale that answers, the first of several; "" where it was not run. */
  scale: string;
  /** Seeds of the row that has the fewest. */
  n: number;
  /** Half-width of the widest 95 % interval among the numbers; null where some number has none. */
  half: number | null;
}

export const NOT_RUN: OwnAnswer = { text: "Not run.", state: "not run", scale: "", n: 0, half: null };

/** What a reader wants to know first, answered three times. */
export interface Answer {
  question: string;
  /** What the print says, in a sentence with numbers. */
  print: string;
  /** What the author's logs say. */
  logs: string;
  /** What our runs say, at the largest scale that has enough of them. */
  ours: OwnAnswer;
}
