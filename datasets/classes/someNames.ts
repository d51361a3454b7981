/** Up to four names, and how many there are. */
export function someNames(names: readonly string[], what: string): string {
  return `${names.slice(0, 4).join(", ")}${names.length > 4 ? ", …" : ""} (${names.length} ${what})`;
}
