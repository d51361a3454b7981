/** Words as rows of 0 with a 1 in the word's place, [N, words]. */
export function oneHot(labels: ArrayLike<number>, vocabulary: number): Float32Array {
  const target = new Float32Array(labels.length * vocabulary);
  for (let k = 0; k < labels.length; k++) target[k * vocabulary + labels[k]] = 1;
  return target;
}

/** The word of the largest number in each row, [N]; the first of equal ones. */
export function likeliest(rows: Float32Array, vocabulary: number): Float32Array {
  return Float32Array.from({ length: rows.length / vocabulary }, (_, k) => {
    const own = rows.subarray(k * vocabulary, (k + 1) * vocabulary);
    return own.reduce((best, value, word) => value > own[best] ? word : best, 0);
  });
}
