import { UserError } from "../../core/errors.ts";
import { printable } from "../../core/printable.ts";

/** Bytes of a path at most, as on Linux. */
export const MOST_BYTES = 4096;
/** Folders in one another at most. */
export const MOST_FOLDERS = 100;
/** Characters of a long name that are shown. */
const SHOWN = 60;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** What the escape of a byte beyond ASCII looks like. */
const ESCAPE = /\\x[89a-f][0-9a-f]/;

/**
 * The clean path of a member of an archive: no "." and no empty part in it. Names are compared by their bytes, see
 * {@linkcode nameText}.
 *
 * @param name one character a byte
 * @throws {UserError} when it is longer than any system's paths, too deep, or goes up by ".."
 */
export function memberName(archive: string, name: string): string {
  const refuse = (found: string, wanted: string) =>
    new UserError(`Cannot read ${archive}: the path of a member ${found} (${shown(name)}), want ${wanted}`);
  if (name.length > MOST_BYTES) throw refuse(`has ${name.length} bytes`, `at most ${MOST_BYTES}`);
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.length > MOST_FOLDERS) throw refuse(`is ${parts.length - 1} folders deep`, `less than ${MOST_FOLDERS}`);
  if (parts.includes("..")) throw refuse("goes up by ..", "paths inside the archive");
  return nameText(parts.join("/"));
}

/**
 * A name that different bytes never share: each part in UTF-8 as it is; of a part that is not UTF-8 the bytes beyond ASCII
 * are written as \\xb9. Where a part looks like that already, its backslashes are doubled.
 *
 * @param name one character a byte
 */
export function nameText(name: string): string {
  return name.split("/").map((part) => {
    const text = decoded(part), isPlain = text !== undefined && !ESCAPE.test(text);
    if (isPlain) return text;
    const doubled = (text ?? part).replaceAll("\\", "\\\\");
    if (text !== undefined) return doubled;
    return doubled.replace(/[\x80-\xff]/g, (char) => `\\x${char.charCodeAt(0).toString(16)}`);
  }).join("/");
}

/** A text's bytes in UTF-8, one character a byte. */
export function byteText(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
}

/** Undefined for what is not UTF-8. */
function decoded(name: string): string | undefined {
  try {
    return utf8.decode(Uint8Array.from(name, (char) => char.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

function shown(name: string): string {
  const text = nameText(name.slice(0, SHOWN));
  return printable(text) + (name.length > SHOWN ? "…" : "");
}
