import { UserError } from "../../core/errors.ts";
import { printable } from "../../core/printable.ts";

/** Bytes of a path at most, as on Linux. */
const MOST_BYTES = 4096;
/** Characters of a long name that are shown. */
const SHOWN = 60;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The path of a member of an archive: without "./" before it and "/" behind it. Names are compared by their bytes; of a name
 * that is not UTF-8 the bytes beyond ASCII are written as \\xb9, so that two such names stay two.
 *
 * @param name one character a byte, unless it is in Unicode already
 * @param isUnicode whether it was written as Unicode, in a PAX header
 * @throws {UserError} when it is longer than any system's paths
 */
export function memberName(archive: string, name: string, isUnicode: boolean): string {
  const bytes = isUnicode ? new TextEncoder().encode(name).length : name.length;
  if (bytes > MOST_BYTES) {
    throw new UserError(
      `Cannot read ${archive}: the path of a member has ${bytes} bytes (${printable(name.slice(0, SHOWN))}…), ` +
        `want at most ${MOST_BYTES}`,
    );
  }
  return (isUnicode ? name : decoded(name)).replace(/^(\.?\/)+/, "").replace(/\/+$/, "");
}

function decoded(name: string): string {
  try {
    return utf8.decode(Uint8Array.from(name, (char) => char.charCodeAt(0)));
  } catch {
    return name.replace(/[\x80-\xff]/g, (char) => `\\x${char.charCodeAt(0).toString(16)}`);
  }
}
