/**
 * The known word that is nearest to one that is not known, as the end of an error message: "; did you mean …?"; "" where none
 * is near. By the number of letters that have to be changed, put in or left out; at most a third of the longer word's.
 */
export function nearest(word: string, known: readonly string[]): string {
  const distances = known.map((other) => ({ other, distance: distance(word, other) }));
  const best = distances.filter(({ other, distance }) => distance <= Math.max(word.length, other.length) / 3)
    .sort((a, b) => a.distance - b.distance)[0];
  return best ? `; did you mean ${best.other}?` : "";
}

/** Levenshtein's distance of two words. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}
