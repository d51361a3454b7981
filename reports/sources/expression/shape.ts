import { UserError } from "../../../core/errors.ts";

/** What an expression may name: groups of named members, lists, and plain values (numbers, texts, true, false, null). */
export type Shape = Group | List | "value";

/** A group of named members, e.g. the rows of a table. */
export interface Group {
  /** What its members are, in words: "row", "column", … */
  noun: string;
  /** What it belongs to, in words: "thesis.table11". */
  of: string;
  members: ReadonlyMap<string, Shape>;
  /** The shape of every member where all are alike, so that a function can be applied to each. */
  each?: Shape;
}

/** A list whose members are alike. */
export interface List {
  each: Shape;
}

/** The number of names that an error message lists at most. */
const LISTED = 8;

/**
 * A member of a group.
 *
 * @param what what is being done, as in "evaluate claim t11.5", for the error message
 * @throws {UserError} when the group has no such member
 */
export function member(what: string, group: Group, name: string): Shape {
  const found = group.members.get(name);
  if (found) return found;
  throw new UserError(
    `Cannot ${what}: ${group.noun} '${name}' is not in ${group.of}, want one of ${someOf([...group.members.keys()])}`,
  );
}

/** Whether a shape is a group of named members. */
export function isGroup(shape: Shape): shape is Group {
  return shape !== "value" && "members" in shape;
}

/** The shape of what a function sees that is applied to each member; undefined where there are no members alike. */
export function eachOf(shape: Shape): Shape | undefined {
  return shape === "value" ? undefined : shape.each;
}

/** The first few of some names, with an ellipsis for the rest. */
export function someOf(names: string[]): string {
  return names.length <= LISTED ? names.join(", ") : `${names.slice(0, LISTED).join(", ")}, …`;
}
