/** A number that a claim says lies between `low` and `high`, once per seed. */
export interface Contrast {
  /** The number in words; "" where it has no values, or another contrast's words say it. */
  text: string;
  values: number[];
  low: number;
  high: number;
  /** Whether it varies from seed to seed so much that one seed says nothing (accuracy), or not (time). */
  noisy: boolean;
  /** For a one-sided claim: from where on ours is better than published, and how that is said. */
  better?: { from: number; side: "above" | "below"; words: string };
}
