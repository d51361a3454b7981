import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { openPlain, reason } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { checkSizes, fileChunks, hashFile } from "./archiveFile.ts";
import { addParents, type FileEntry, type ImageSource, type Listing } from "./source.ts";

/** A tar header takes one block; the file's bytes follow it. */
const HEADER_BYTES = 512;

/**
 * Images in a .tar, .tar.gz or .tgz archive, read as a stream; nothing is unpacked to disk.
 *
 * @param path the archive; the ending decides whether it is compressed
 */
export function tarSource(path: string): ImageSource {
  const compressed = isCompressed(path);
  return {
    path,
    list: () => listArchive(path, compressed),
    identify: () => hashFile(path),
    readAll: (files) => {
      checkSizes(path, files);
      return compressed ? readFromStream(path, files) : readByOffset(path, files);
    },
    readOne: compressed ? undefined : async (file) => {
      checkSizes(path, [file]);
      for await (const bytes of readByOffset(path, [file])) return bytes;
      throw new Error(`Cannot read ${file.path}: nothing came`);
    },
  };
}

/** Whether a file is a tar archive, by its ending. */
export function isTar(path: string): boolean {
  return /\.(tar|tar\.gz|tgz)$/.test(path);
}

/** The ending decides. */
function isCompressed(path: string): boolean {
  return !path.endsWith(".tar");
}

/**
 * Paths of the files among the first entries of an archive; the rest is not read.
 *
 * @param count how many entries to look at
 * @throws {UserError} when it is no archive
 */
export async function firstFiles(path: string, count: number): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of entries(path, isCompressed(path))) {
    if (!entry.isFolder) found.push(entry.path);
    if (--count === 0) break;
  }
  return found;
}

/** One entry of an archive while it streams by; `read` takes its bytes, otherwise they are passed over. */
interface Passing extends FileEntry {
  isFolder: boolean;
  read(): Promise<Uint8Array>;
}

async function* entries(path: string, compressed: boolean): AsyncGenerator<Passing> {
  const unpack = extract();
  const feeding = compressed ? pipeline(fileChunks(path), createGunzip(), unpack) : pipeline(fileChunks(path), unpack);
  feeding.catch(() => {}); // the loop below meets the same error
  try {
    for await (const entry of unpack) {
      const { name, size, type } = entry.header;
      if (type === "file" || type === "contiguous-file" || type === "directory") {
        const read = async () => {
          const bytes = new Uint8Array(size);
          let at = 0;
          for await (const chunk of entry as AsyncIterable<Uint8Array>) {
            bytes.set(chunk, at);
            at += chunk.length;
          }
          return bytes;
        };
        const cleanName = name.replace(/^(\.?\/)+/, "").replace(/\/+$/, "");
        yield { path: cleanName, size, offset: entry.offset + HEADER_BYTES, isFolder: type === "directory", read };
      }
      entry.resume();
    }
    await feeding;
  } catch (error) {
    throw error instanceof UserError ? error : archiveError(path, compressed, error);
  }
}

function archiveError(path: string, compressed: boolean, error: unknown): UserError {
  const text = reason(error);
  const found = /unexpected end/.test(text)
    ? "it ends in the middle of a file (truncated archive)"
    : /incorrect header check/.test(text)
    ? "it is not gzip data"
    : text;
  return new UserError(
    `Cannot read ${path}: ${found}, want a whole ${compressed ? "gzip-compressed " : ""}tar archive`,
  );
}

async function listArchive(path: string, compressed: boolean): Promise<Listing> {
  const files = new Map<string, FileEntry>(), folders = new Set<string>();
  for await (const { path: name, size, offset, isFolder } of entries(path, compressed)) {
    if (isFolder) folders.add(name);
    else files.set(name, { path: name, size, offset });
    addParents(folders, name);
  }
  folders.delete("");
  return { files: [...files.values()], folders: [...folders] };
}

async function* readFromStream(path: string, files: readonly FileEntry[]): AsyncGenerator<Uint8Array> {
  let next = 0;
  for await (const entry of entries(path, true)) {
    if (entry.offset !== files[next].offset) continue;
    yield await entry.read();
    if (++next === files.length) return;
  }
}

async function* readByOffset(path: string, files: readonly FileEntry[]): AsyncGenerator<Uint8Array> {
  using archive = await openPlain(path);
  for (const { offset, size } of files) {
    const bytes = new Uint8Array(size);
    await archive.seek(offset, Deno.SeekMode.Start);
    for (let at = 0; at < size;) {
      const count = await archive.read(bytes.subarray(at));
      if (count === null) throw new UserError(`Cannot read ${path}: it became shorter while it was being read`);
      at += count;
    }
    yield bytes;
  }
}
