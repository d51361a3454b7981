import { UserError } from "../../../core/errors.ts";
import { nameText } from "../names.ts";
import { type StoredTensor, toIntegers } from "../tensors.ts";

/**
 * Makes sure that a file counts pairs of tokens as the model here does, which follows from its grid and is not kept.
 *
 * @throws {UserError} naming the first pair that it counts otherwise
 */
export function checkIndex(stored: StoredTensor, wanted: Int32Array, file: string, name: string): void {
  const found = toIntegers(stored, file, name), odd = wanted.findIndex((entry, pair) => found[pair] !== entry);
  if (found.length === wanted.length && odd < 0) return;
  const what = found.length === wanted.length
    ? `has ${found[odd]} at ${odd}, want ${wanted[odd]}`
    : `holds ${found.length} numbers, want ${wanted.length}`;
  throw new UserError(`Cannot use ${file}: tensor '${nameText(name)}' ${what}, as the grid of patches gives`);
}
