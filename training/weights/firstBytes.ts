import { checkPlain, reason } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";

/** Bytes of the largest file of weights that is read; far beyond any vision transformer. */
const MOST_BYTES = 2 ** 34;

/**
 * The first bytes of a file of weights, before all of it is read: they tell what it is.
 *
 * @param most bytes wanted; there are fewer in a smaller file
 * @throws {UserError} when it is no plain file, larger than any weights, or cannot be read
 */
export async function firstBytes(path: string, most: number): Promise<Uint8Array> {
  try {
    const info = await Deno.stat(path), bytes = new Uint8Array(most);
    checkPlain(path, info);
    if (info.size > MOST_BYTES) {
      throw new UserError(`Cannot read ${path}: it has ${info.size} bytes, want at most ${MOST_BYTES}`);
    }
    using file = await Deno.open(path);
    let end = 0;
    for (let count; end < most && (count = await file.read(bytes.subarray(end))) !== null;) end += count;
    return bytes.subarray(0, end);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`Cannot read ${path}: ${reason(error)}`);
  }
}
