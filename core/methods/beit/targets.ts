/** Words as rows of 0 with a 1 in the word's place, [N, words]. */
export function oneHot(labels: ArrayLike<number>, vocabulary: number): Float32Array {
  const target = new Float32Array(labels.length * vocabulary);
  for (let k = 0; k < labels.length; k++) target[k * vocabulary + labels[k]] = 1;
  return target;
}
