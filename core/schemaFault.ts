import type { z } from "zod";

/**
 * The first place at which a value does not fit a schema whose messages say what is wanted: key, value found, value wanted.
 *
 * @param value what was parsed
 */
export function schemaFault({ issues: [issue] }: z.ZodError, value: unknown): string {
  const found = (path: readonly PropertyKey[]) =>
    JSON.stringify(path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)?.[key], value)) ?? "nothing";
  if (issue.code === "unrecognized_keys") {
    const path = [...issue.path, issue.keys[0]];
    return `${path.join(".")} ${found(path)}: want no such key`;
  }
  if (issue.path.length === 0) return `${found([])}: want an object`;
  return `${issue.path.join(".")} ${found(issue.path)}: want ${issue.message}`;
}
