import { UserError } from "../../core/errors.ts";
import { someNames } from "./someNames.ts";

/** Classes by name, or so many: the first ones in sorted order. */
export type ClassChoice = readonly string[] | number;

/**
 * The classes that are asked for, each once and sorted; all, in the order found, when nothing is.
 *
 * @param found the classes there are
 * @param where the data set, for messages
 * @throws {UserError} when one is not there, or there are not so many
 */
export function chooseClasses(found: readonly string[], wanted: ClassChoice | undefined, where: string): string[] {
  if (wanted === undefined) return [...found];
  if (typeof wanted === "number") {
    if (Number.isInteger(wanted) && wanted >= 1 && wanted <= found.length) return found.toSorted().slice(0, wanted);
    const range = `want a number from 1 to ${found.length}`;
    throw new UserError(`Cannot take ${wanted} classes of ${where}: found ${found.length} classes, ${range}`);
  }
  const classes = [...new Set(wanted)].sort(), missing = classes.filter((name) => !found.includes(name));
  if (missing.length === 0) return classes;
  const count = `${missing.length} of the ${classes.length} asked for are not there`;
  throw new UserError(
    `Cannot take class ${missing[0]} of ${where}: ${count}, want some of ${someNames(found, "there")}`,
  );
}
