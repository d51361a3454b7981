/** The first names of a list, and how many there are beside them, e.g. "a, b and 3 more". */
export function listed(names: readonly (string | number)[], most: number): string {
  const more = names.length - most;
  return names.slice(0, most).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
