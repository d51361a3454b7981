import { listed } from "../../core/listed.ts";
import { printable } from "../../core/printable.ts";

/** Characters of a name that are shown; more would hide the rest of a line. */
const LONGEST = 120;
/** Names that are listed. */
const LISTED = 5;

/** A tensor's name as it is shown: what it hides as escapes, and cut where it is very long. */
export function nameText(name: string): string {
  return printable(name.length > LONGEST ? `${name.slice(0, LONGEST)}…` : name);
}

/** The first five names, and how many more there are. */
export function namesText(names: readonly string[]): string {
  return listed(names.map(nameText), LISTED);
}
