/**
 * A mistake of the person who runs the program: a wrong flag, a missing file, a broken image.
 *
 * The message names the action, the value found and the value wanted, in one line. The command line prints it
 * without a stack trace and exits with code 1; every other error is a defect and keeps its trace.
 */
export class UserError extends Error {
  override name = "UserError";
}
