/** The claims that the works are known for, by what they are about. */
export const HEADLINES: readonly { question: string; ids: readonly string[] }[] = [
  { question: "Does freezing save time?", ids: ["t11.1"] },
  { question: "Does freezing keep the accuracy?", ids: ["t17.2"] },
  { question: "Would stopping early do as well?", ids: ["t11.7"] },
  { question: "Does disjoint masking save time?", ids: ["d.11", "d.14"] },
];

/** Paired seeds that a verdict rests on at least, and those on a claim that the works are known for. */
const SEEDS = 3, HEADLINE_SEEDS = 5;

/** Paired seeds that a verdict on accuracies or losses needs; repeats of a measurement of time are always `SEEDS`. */
export function seedsWanted(claim: string, noisy: boolean): number {
  return noisy && HEADLINES.some(({ ids }) => ids.includes(claim)) ? HEADLINE_SEEDS : SEEDS;
}
