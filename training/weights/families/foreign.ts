import { UserError } from "../../../core/errors.ts";
import { namesText } from "../names.ts";

/**
 * Refuses a file of which something would be left out that computes something.
 *
 * @param whose encoder has no place for it, e.g. "Swin here"
 * @param want what kind of file is taken
 * @throws {UserError} naming the first foreign tensors, when there are some
 */
export function refuseForeign(foreign: readonly string[], file: string, whose: string, want: string): void {
  if (foreign.length === 0) return;
  const found = namesText([...foreign].sort());
  throw new UserError(`Cannot use ${file}: it holds ${found}, which ${whose} does not have, want ${want}`);
}
