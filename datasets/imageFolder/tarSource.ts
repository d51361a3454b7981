import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";
import { openPlain, reason } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { checkSizes, fileChunks, hashFile } from "./archiveFile.ts";
import { followLinks } from "./followLinks.ts";
import type { ArchiveLink } from "./linkTarget.ts";
import { memberName } from "./memberName.ts";
import { addParents, type FileEntry, type ImageSource, type LeftOut, type Listing } from "./source.ts";

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
    if (entry.kind === "file") found.push(entry.path);
    if (--count === 0) break;
  }
  return found;
}

/** One entry of an archive while it streams by; `read` takes its bytes, otherwise they are passed over. */
interface Passing extends FileEntry {
  kind: "file" | "folder" | "special" | ArchiveLink;
  read(): Promise<Uint8Array>;
}

/** Names in one character a byte; the package's types do not know this option. */
const BYTES = { filenameEncoding: "latin1" } as object;

/** What PAX says of a member beside what every header does. */
type Pax = Record<string, string> | null | undefined;

async function* entries(path: string, compressed: boolean): AsyncGenerator<Passing> {
  const unpack = extract(BYTES);
  const feeding = compressed ? pipeline(fileChunks(path), createGunzip(), unpack) : pipeline(fileChunks(path), unpack);
  feeding.catch(() => {}); // the loop below meets the same error
  try {
    for await (const entry of unpack) {
      const { size, type, pax } = entry.header as Header & { type: Header["type"] | null; pax: Pax };
      const name = memberName(path, entry.header.name, pax?.path !== undefined);
      if (type === null || Object.keys(pax ?? {}).some((key) => key.startsWith("GNU.sparse."))) {
        throw new UserError(
          `Cannot read ${path}: ${name} is a sparse file or of an unknown kind, want plain files and links`,
        );
      }
      const read = async () => {
        const bytes = new Uint8Array(size);
        let at = 0;
        for await (const chunk of entry as AsyncIterable<Uint8Array>) {
          bytes.set(chunk, at);
          at += chunk.length;
        }
        return bytes;
      };
      yield {
        path: name,
        size,
        offset: entry.offset + HEADER_BYTES,
        kind: kindOf(path, name, entry.header, pax),
        read,
      };
      entry.resume();
    }
    await feeding;
  } catch (error) {
    throw error instanceof UserError ? error : archiveError(path, compressed, error);
  }
}

function kindOf(archive: string, path: string, { type, linkname }: Header, pax: Pax): Passing["kind"] {
  if (type === "file" || type === "contiguous-file") return "file";
  if (type === "directory") return "folder";
  if (type !== "link" && type !== "symlink") return "special";
  const name = linkname ?? "", isAbsolute = name.startsWith("/");
  const target = memberName(archive, name, pax?.linkpath !== undefined);
  // Dots before a symbolic link's target count.
  return {
    path,
    target: type === "link" ? target : isAbsolute ? name : name.replace(/\/+$/, ""),
    isHard: type === "link",
  };
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
  const files = new Map<string, FileEntry>(), folders = new Set<string>(), left: LeftOut[] = [];
  const links = new Map<string, ArchiveLink>();
  for await (const { path: name, size, offset, kind } of entries(path, compressed)) {
    if (kind === "folder") folders.add(name);
    else if (kind === "special") left.push({ path: name, reason: "no plain file" });
    else {
      // Of several members of one name tar unpacks the last.
      if (files.delete(name) || links.delete(name)) left.push({ path: name, reason: "another of the same name" });
      if (kind === "file") files.set(name, { path: name, size, offset });
      else links.set(name, kind);
    }
    addParents(folders, name);
  }
  followLinks(files, folders, links);
  folders.delete("");
  return { files: [...files.values()], folders: [...folders], left };
}

async function* readFromStream(path: string, files: readonly FileEntry[]): AsyncGenerator<Uint8Array> {
  let next = 0;
  for await (const entry of entries(path, true)) {
    if (entry.offset !== files[next].offset) continue;
    const bytes = await entry.read();
    // Several names may stand for the same bytes.
    while (files[next]?.offset === entry.offset) {
      yield bytes;
      next++;
    }
    if (next === files.length) return;
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
