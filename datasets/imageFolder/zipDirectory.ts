import type { Buffer } from "node:buffer";
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader } from "yauzl";
import { openPlain, reason } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { FileWindow } from "./fileWindow.ts";
import { memberName } from "./memberName.ts";

/** Ways in which the bytes of a file lie in an archive. */
const STORED = 0, DEFLATED = 8;
/** The part of Unix's file mode that tells kinds of files apart, and its value for links. */
const FILE_KIND = 0xf000, LINK = 0xa000;
/** Bytes of the directory that are read at once. */
const WINDOW = 2 ** 20;

/** A file of a zip archive, as its central directory tells. */
export interface ZipEntry {
  /** Clean path with "/". */
  path: string;
  /** Bytes unpacked. */
  size: number;
  /** Where its local header starts. */
  offset: number;
  /** Bytes in the archive. */
  packedSize: number;
  isDeflated: boolean;
  crc32: number;
  /** Whether it stands for another file, on the systems that have links. */
  isLink: boolean;
}

/** What a zip archive holds. */
export interface ZipDirectory {
  files: ZipEntry[];
  /** Folders that have an entry of their own. */
  folders: string[];
}

/**
 * Reads the central directory of a zip archive, zip64 or not; no file's bytes are read.
 *
 * @throws {UserError} when it is damaged, or an entry is encrypted, packed in a rare way or leaves the folder
 */
export async function readZipDirectory(path: string): Promise<ZipDirectory> {
  const directory: ZipDirectory = { files: [], folders: [] }, seen = new Set<string>();
  try {
    using file = await openPlain(path);
    const { size } = await file.stat(), options = { lazyEntries: true };
    const archive = await fromRandomAccessReaderPromise(
      new DirectoryReader(new FileWindow(file, WINDOW)),
      size,
      options,
    );
    for await (const entry of archive.eachEntry()) {
      const name = memberName(path, entry.fileName, true);
      if (entry.fileName.endsWith("/")) directory.folders.push(name);
      else if (seen.has(name)) throw refusal(path, entry, "is there twice", "each file once");
      else directory.files.push(fileOf(path, entry, name, size));
      seen.add(name);
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`Cannot read ${path}: ${fault(error)}, want a whole zip archive of plain files`);
  }
  return directory;
}

/** Hands bytes of an open file to yauzl; the file stays its owner's. */
class DirectoryReader extends RandomAccessReader {
  #window: FileWindow;

  constructor(window: FileWindow) {
    super();
    this.#window = window;
  }

  override read(to: Buffer, offset: number, length: number, from: number, done: (error: Error | null) => void): void {
    this.#window.read(from, length).then((bytes) => {
      to.set(bytes, offset);
      done(bytes.length < length ? new Error("it ends too early") : null);
    }, done);
  }

  override close(done: (error: Error | null) => void): void {
    done(null);
  }
}

/** What yauzl or the system found, in a few words. */
function fault(error: unknown): string {
  const text = reason(error);
  if (/central directory record signature not found/.test(text)) return "it has no end (truncated, or no zip archive)";
  return /^invalid comment length/.test(text) ? "other bytes follow its end" : text;
}

function fileOf(path: string, entry: Entry, name: string, archiveSize: number): ZipEntry {
  const { compressionMethod, compressedSize, uncompressedSize, relativeOffsetOfLocalHeader, crc32 } = entry;
  if (entry.isEncrypted()) throw refusal(path, entry, "is encrypted", "files that need no password");
  if (compressionMethod !== STORED && compressionMethod !== DEFLATED) {
    throw refusal(path, entry, `is packed by method ${compressionMethod}`, "stored or deflated files");
  }
  if (relativeOffsetOfLocalHeader + compressedSize > archiveSize) {
    throw refusal(path, entry, "ends behind the archive", "a whole zip archive");
  }
  return {
    path: name,
    size: uncompressedSize,
    offset: relativeOffsetOfLocalHeader,
    packedSize: compressedSize,
    isDeflated: compressionMethod === DEFLATED,
    crc32,
    isLink: (entry.externalFileAttributes >>> 16 & FILE_KIND) === LINK,
  };
}

function refusal(path: string, { fileName }: Entry, found: string, wanted: string): UserError {
  return new UserError(`Cannot read ${path}: ${fileName} ${found}, want ${wanted}`);
}
