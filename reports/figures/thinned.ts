/** At most so many values of a list, evenly chosen from its first on: more could not be told apart in a picture. */
export function thinned<T>(values: readonly T[], most: number): T[] {
  const stride = Math.ceil(values.length / most);
  return values.filter((_, k) => k % stride === 0);
}
