import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { openPlain, reason } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";

/** A file in an archive, while it streams by. */
export interface Member {
  /** Its clean path, with "/". */
  path: string;
  size: number;
  read(): Promise<Uint8Array>;
}

/** A tar's headers and the filling up of blocks take less than this beside the files. */
const FRAME_BYTES = 2 ** 20, MOST_ENTRIES = 1000;

/**
 * The files of a .tar.gz, in order. What is no file or folder is refused, and every path that leaves the folder, and more
 * bytes than `maxBytes` in all, whatever the headers say.
 *
 * @throws {UserError} naming the member
 */
export async function* members(archive: string, maxBytes: number): AsyncGenerator<Member> {
  const unpack = extract(), seen = new Set<string>();
  const bounded = async function* (chunks: AsyncIterable<Uint8Array>) {
    let left = maxBytes + FRAME_BYTES;
    for await (const chunk of chunks) {
      left -= chunk.length;
      if (left < 0) throw tooLarge(archive, "it", maxBytes);
      yield chunk;
    }
  };
  const file = await openPlain(archive).catch((error) => {
    if (error instanceof UserError) throw error;
    throw new UserError(`Cannot read ${archive}: ${reason(error)}`);
  });
  const feeding = pipeline(file.readable, createGunzip(), bounded, unpack);
  feeding.catch(() => {}); // the loop below meets the same error
  let total = 0;
  try {
    for await (const entry of unpack) {
      const { name, type } = entry.header, size = entry.header.size ?? 0;
      const path = safePath(archive, name);
      if (type !== "file" && type !== "directory") {
        throw refusal(archive, name, `a ${String(type).replace("-", " ")}`, "files and folders");
      }
      if (seen.has(path)) throw refusal(archive, name, "there twice", "each file once");
      if (type === "file") seen.add(path);
      if (seen.size > MOST_ENTRIES) throw refusal(archive, name, `file ${seen.size}`, `at most ${MOST_ENTRIES}`);
      total += size;
      if (!(total <= maxBytes)) throw tooLarge(archive, `with member ${shown(name)} it`, maxBytes);
      if (type === "file") yield { path, size, read: () => readAll(entry as AsyncIterable<Uint8Array>, size) };
      entry.resume();
    }
    await feeding;
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`Cannot read ${archive}: ${reason(error)}, want a whole gzip-compressed tar archive`);
  }
}

async function readAll(entry: AsyncIterable<Uint8Array>, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let at = 0;
  for await (const chunk of entry) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** A member's path without "./" and "/" at its ends. */
function safePath(archive: string, name: string): string {
  const path = name.replace(/^(?:\.\/)+/, "").replace(/\/+$/, ""), parts = path.split("/");
  if (/^[/\\]|^[A-Za-z]:/.test(name)) throw refusal(archive, name, "an absolute path", "one inside the folder");
  if (parts.includes("..")) throw refusal(archive, name, "a path that leaves the folder", "one inside it");
  const isUnusual = (part: string) => part === "" || part === "." || /[\\\p{Cc}]/u.test(part);
  if (path !== "" && path !== "." && parts.some(isUnusual)) {
    throw refusal(archive, name, "an unusual path", "plain names with / between them");
  }
  return path;
}

function refusal(archive: string, name: string, found: string, wanted: string): UserError {
  return new UserError(`Cannot unpack ${archive}: member ${shown(name)} is ${found}, want ${wanted}`);
}

/** A name from an archive as a message shows it: in quotes, on one line and not too long. */
function shown(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}

function tooLarge(archive: string, what: string, maxBytes: number): UserError {
  return new UserError(`Cannot unpack ${archive}: ${what} has more than ${maxBytes} bytes unpacked, want at most that`);
}
