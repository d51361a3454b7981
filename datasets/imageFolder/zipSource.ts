import { crc32, inflateRawSync } from "node:zlib";
import { openPlain, reason } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { checkSizes, hashFile } from "./archiveFile.ts";
import { FileWindow } from "./fileWindow.ts";
import { addParents, type FileEntry, type ImageSource } from "./source.ts";
import { readZipDirectory, type ZipDirectory, type ZipEntry } from "./zipDirectory.ts";

/** A local header starts with "PK\3\4"; its name and extra field, whose lengths it ends with, come before the bytes. */
const LOCAL_SIGNATURE = 0x04034b50, LOCAL_BYTES = 30, NAME_LENGTH = 26, EXTRA_LENGTH = 28;
/** Bytes read at once where many files are wanted, and beside a file's own where one is: for its name and extra field. */
const WINDOW = 2 ** 20, BESIDE = 512;

/**
 * Images in a .zip archive. Each file is read from its place, and its CRC-32 compared; nothing is unpacked to disk.
 *
 * @param path the archive
 */
export function zipSource(path: string): ImageSource {
  let reading: Promise<ZipDirectory> | undefined, byPath: Map<string, ZipEntry> | undefined;
  const directory = () => reading ??= readZipDirectory(path);
  const entries = async () => byPath ??= new Map((await directory()).files.map((entry) => [entry.path, entry]));
  const read = async function* (files: readonly FileEntry[], windowBytes: number) {
    checkSizes(path, files);
    const inArchive = await entries();
    using archive = await openPlain(path);
    const window = new FileWindow(archive, windowBytes);
    for (const file of files) {
      const entry = inArchive.get(file.path)!;
      checkSizes(path, [{ ...entry, size: entry.packedSize }]);
      yield await readEntry(path, window, entry);
    }
  };
  return {
    path,
    async list() {
      const { files, folders } = await directory(), all = new Set(folders);
      for (const name of [...folders, ...files.map(({ path }) => path)]) addParents(all, name);
      const listed = files.map(({ path, size, offset, isLink }) => ({
        ...{ path, size, offset },
        ...(isLink && { broken: "it is a link, which is not followed in a zip archive" }),
      }));
      return { files: listed, folders: [...all], left: [] };
    },
    identify: () => hashFile(path),
    readAll: (files) => read(files, WINDOW),
    async readOne(file) {
      for await (const bytes of read([file], LOCAL_BYTES + BESIDE + file.size)) return bytes;
      throw new Error(`Cannot read ${file.path}: nothing came`);
    },
  };
}

async function readEntry(path: string, archive: FileWindow, entry: ZipEntry): Promise<Uint8Array> {
  const { size, offset, packedSize, isDeflated } = entry, at = `Cannot read ${entry.path} of ${path}`;
  const header = await archive.read(offset, LOCAL_BYTES), view = new DataView(header.buffer, header.byteOffset);
  if (header.length < LOCAL_BYTES || view.getUint32(0, true) !== LOCAL_SIGNATURE) {
    throw new UserError(`${at}: byte ${offset} starts no file, want a whole zip archive`);
  }
  const start = offset + LOCAL_BYTES + view.getUint16(NAME_LENGTH, true) + view.getUint16(EXTRA_LENGTH, true);
  const packed = await archive.read(start, packedSize);
  if (packed.length < packedSize) throw new UserError(`${at}: the archive ends in it, want a whole zip archive`);
  const bytes = isDeflated ? inflate(packed, size, at) : packed, found = crc32(bytes);
  if (bytes.length !== size) throw new UserError(`${at}: it has ${bytes.length} bytes, want ${size}`);
  if (found !== entry.crc32) throw new UserError(`${at}: its CRC-32 is ${hex(found)}, want ${hex(entry.crc32)}`);
  return bytes;
}

function inflate(packed: Uint8Array, size: number, at: string): Uint8Array {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(size, 1) });
  } catch (error) {
    throw new UserError(`${at}: ${reason(error)}, want deflated data of ${size} bytes`);
  }
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
