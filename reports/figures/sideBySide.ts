/**
 * Moves values that lie closer together than a gap apart, so that what is drawn at them does not cover each other: those of a
 * cluster stand side by side around their middle, in their order; equal ones in the order in which they are given.
 *
 * @returns where each is drawn
 */
export function sideBySide(values: readonly number[], gap: number): number[] {
  const order = values.map((_, k) => k).sort((a, b) => values[a] - values[b] || a - b);
  let clusters = order.map((k) => [k]);
  const middle = (own: number[]) => own.reduce((sum, k) => sum + values[k], 0) / own.length;
  const place = (own: number[], i: number) => middle(own) + (i - (own.length - 1) / 2) * gap;
  // Clusters that touch once they are spread become one.
  for (let k = 0; k + 1 < clusters.length;) {
    const own = clusters[k], next = clusters[k + 1];
    if (place(next, 0) - place(own, own.length - 1) >= gap) {
      k++;
    } else {
      clusters = [...clusters.slice(0, k), [...own, ...next], ...clusters.slice(k + 2)];
      k = Math.max(0, k - 1);
    }
  }
  const placed = new Array<number>(values.length);
  for (const own of clusters) own.forEach((k, i) => placed[k] = own.length === 1 ? values[k] : place(own, i));
  return placed;
}
