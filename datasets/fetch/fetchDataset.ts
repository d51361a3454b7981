import { dirname, join } from "node:path";
import { exists, syncFolder } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import type { CatalogueEntry } from "./catalogue.ts";
import { download } from "./download.ts";
import type { DownloadOptions } from "./requestPart.ts";
import { type Hashes, hashFile, KIND_NAMES } from "./hashes.ts";
import { forgetState } from "./partState.ts";
import { type DownloadRecord, readRecord, recordPath, writeRecord } from "./record.ts";
import { unpack } from "./unpack.ts";

/** How to fetch a data set; the rest is for the download. */
export interface FetchOptions extends Pick<DownloadOptions, "signal" | "pauses" | "idle" | "show" | "notice"> {
  /** The folder for archive, unpacked files and record. */
  to: string;
  /** Another address than the catalogue's. */
  url?: string;
  /** Only look at what is there. */
  verifyOnly?: boolean;
}

/** What was done, and what is there now. */
export interface Fetched {
  archive: string;
  downloaded: boolean;
  unpacked: boolean;
  /** Number of unpacked files that were compared with the record; 0 when there is no record. */
  members: number;
}

/**
 * Makes sure that a data set is there: downloads what is missing, checks it against the publisher's checksum, unpacks it
 * and records the SHA-256 of archive and members. What is there is compared with checksum and record each time.
 *
 * @throws {UserError} naming the file and both hashes of whatever is not what it should be
 */
export async function fetchDataset(entry: CatalogueEntry, options: FetchOptions): Promise<Fetched> {
  const { to, verifyOnly = false } = options, archive = join(to, entry.archive);
  const record = await readRecord(to, entry.name), isThere = await exists(archive);
  if (!isThere && verifyOnly) {
    throw new UserError(`Cannot check ${archive}: no such file; want a fetch without --verify`);
  }
  const hashes = isThere ? await hashFile(archive) : await downloadArchive(entry, archive, record, options);
  if (isThere) checkArchive(archive, entry, hashes, record, "remove it to download it again");
  const missing = record && await checkMembers(to, record);
  if (verifyOnly) {
    if (missing) throw new UserError(`Cannot check ${missing}: no such file; want a fetch without --verify`);
    return { archive, downloaded: false, unpacked: false, members: Object.keys(record?.members ?? {}).length };
  }
  const unpacked = !record || missing !== undefined;
  if (unpacked) {
    const members = await unpack(archive, to, entry.maxUnpackedBytes);
    if (record) await checkMembers(to, record);
    else await writeRecord(to, { name: entry.name, archive: hashes.sha256, members });
  }
  const kept = record ?? (await readRecord(to, entry.name))!;
  return { archive, downloaded: !isThere, unpacked, members: Object.keys(kept.members).length };
}

async function downloadArchive(
  entry: CatalogueEntry,
  archive: string,
  record: DownloadRecord | undefined,
  { url = entry.url, ...options }: FetchOptions,
): Promise<Hashes> {
  const part = `${archive}.part`;
  await download({ ...options, url, part, maxBytes: entry.maxBytes });
  const hashes = await hashFile(part);
  try {
    checkArchive(url, entry, hashes, record, "nothing is kept of it");
  } catch (error) {
    await Deno.remove(part);
    await forgetState(part);
    throw error;
  }
  await Deno.rename(part, archive);
  await syncFolder(dirname(archive));
  await forgetState(part);
  return hashes;
}

function checkArchive(
  where: string,
  { checksum: { kind, value }, name }: CatalogueEntry,
  hashes: Hashes,
  record: DownloadRecord | undefined,
  advice: string,
): void {
  if (hashes[kind] !== value) {
    const wanted = `want ${value} as its publisher states`;
    throw new UserError(`Cannot use ${where}: its ${KIND_NAMES[kind]} is ${hashes[kind]}, ${wanted}; ${advice}`);
  }
  if (record && hashes.sha256 !== record.archive) {
    const wanted = `want ${record.archive} as ${name}.sha256.json records`;
    throw new UserError(`Cannot use ${where}: its SHA-256 is ${hashes.sha256}, ${wanted}; ${advice}`);
  }
}

/**
 * Compares the unpacked files with the record.
 *
 * @returns the path of a missing one, if any
 * @throws {UserError} naming one that differs, and both hashes
 */
async function checkMembers(to: string, record: DownloadRecord): Promise<string | undefined> {
  let missing: string | undefined;
  for (const [path, wanted] of Object.entries(record.members)) {
    const file = join(to, path);
    if (!await exists(file)) {
      missing ??= file;
      continue;
    }
    const { sha256 } = await hashFile(file);
    if (sha256 !== wanted) {
      const source = `want ${wanted} as ${recordPath(to, record.name)} records`;
      throw new UserError(`Cannot use ${file}: its SHA-256 is ${sha256}, ${source}; remove it to unpack it again`);
    }
  }
  return missing;
}
