/** log softmax of rows, [rows, classes]. */
export function logSoftmax(logits: ArrayLike<number>, classes: number): Float64Array {
  const result = Float64Array.from(logits);
  for (let start = 0; start < result.length; start += classes) {
    const row = result.subarray(start, start + classes), top = Math.max(...row);
    const sum = row.reduce((all, value) => all + Math.exp(value - top), 0), shift = top + Math.log(sum);
    row.forEach((value, i) => row[i] = value - shift);
  }
  return result;
}

/** Mean negative log-likelihood of the labels. */
export function crossEntropy(logits: ArrayLike<number>, labels: ArrayLike<number>): number {
  const classes = logits.length / labels.length, rows = logSoftmax(logits, classes);
  let sum = 0;
  for (let i = 0; i < labels.length; i++) sum -= rows[i * classes + labels[i]];
  return sum / labels.length;
}

/** How many rows have their largest value elsewhere than at their label. */
export function wrongOf(logits: ArrayLike<number>, labels: ArrayLike<number>): number {
  const classes = logits.length / labels.length;
  let wrong = 0;
  for (let i = 0; i < labels.length; i++) {
    let best = 0;
    for (let c = 1; c < classes; c++) if (logits[i * classes + c] > logits[i * classes + best]) best = c;
    if (best !== labels[i]) wrong++;
  }
  return wrong;
}
