import { UserError } from "../errors.ts";

/** A pickle that is broken, or asks for more than it may. */
export class PickleError extends Error {
  override name = "PickleError";
}

/**
 * Runs a reader of a file that holds pickles.
 *
 * @param name the file's name, for messages
 * @throws {UserError} naming the file, when the reader throws a {@link PickleError}
 */
export function guarded<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof PickleError) throw new UserError(`Cannot read ${name}: ${error.message}`);
    throw error;
  }
}
