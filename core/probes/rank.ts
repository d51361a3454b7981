/**
 * How many classes score at least as much as the true one: 0 is right. Ties count against it, so constant scores are never right.
 *
 * @param scores of all classes, those of the row from `from` on
 */
export function rankOf(scores: ArrayLike<number>, label: number, classes = scores.length, from = 0): number {
  const own = scores[from + label];
  let rank = -1; // it scores as much as itself
  for (let c = 0; c < classes; c++) if (!(scores[from + c] < own)) rank++;
  return rank;
}
