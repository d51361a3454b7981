import canonicalize from "canonicalize";
import { UserError } from "../core/errors.ts";

/**
 * The canonical JSON text of a value (RFC 8785): keys in UTF-16 order, ECMAScript number forms, no white space.
 *
 * Object members whose value is undefined are left out.
 *
 * @throws {UserError} when a number is not finite, naming where it stands
 */
export function canonicalJson(value: unknown): string {
  const bad = nonFinite(value, "");
  if (bad) {
    throw new UserError(`Cannot write ${bad.path || "the value"} as JSON: found ${bad.value}, want a finite number`);
  }
  const text = canonicalize(value);
  if (text === undefined) {
    throw new UserError(`Cannot write a ${typeof value} as JSON: want an object, array or scalar`);
  }
  return text;
}

function nonFinite(value: unknown, path: string): { path: string; value: number } | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? undefined : { path, value };
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, member] of Object.entries(value)) {
    const found = nonFinite(member, path === "" ? key : `${path}.${key}`);
    if (found) return found;
  }
}
