import { printable } from "./printable.ts";

/**
 * A mistake of the person who runs the program: a wrong flag, a missing file, a broken image.
 *
 * The message names the action, the value found and the value wanted, in one line; where several things are wrong, in
 * one line each. Values found may be anything, so control characters are written as escapes: none of them ends a line or
 * reaches the terminal. The command line prints the message without a stack trace and exits with code 1; every other
 * error is a defect and keeps its trace.
 */
export class UserError extends Error {
  /** Tells it from defects. */
  override name = "UserError";

  /**
   * An error with its message.
   *
   * @param lines what is wrong, one line each
   */
  constructor(...lines: string[]) {
    super(lines.map(printable).join("\n"));
  }
}
