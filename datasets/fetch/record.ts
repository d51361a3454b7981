import { join } from "node:path";
import { z } from "zod";
import { exists, readWhole, writeWhole } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { sha256Text } from "../../core/sha256Text.ts";

const record = z.strictObject({
  name: z.string(),
  /** SHA-256 of the archive. */
  archive: sha256Text,
  /** SHA-256 of every file in it, by path. */
  members: z.record(z.string(), sha256Text),
});

/** What a first verified download held. */
export type DownloadRecord = z.infer<typeof record>;

/** Where the record of a data set lies. */
export function recordPath(folder: string, name: string): string {
  return join(folder, `${name}.sha256.json`);
}

/**
 * Reads the record of an earlier download.
 *
 * @returns undefined when there is none
 * @throws {UserError} when it is damaged
 */
export async function readRecord(folder: string, name: string): Promise<DownloadRecord | undefined> {
  const path = recordPath(folder, name);
  if (!await exists(path)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(await readWhole(path)));
  } catch (error) {
    if (error instanceof UserError) throw error;
  }
  const read = record.safeParse(value);
  if (read.success && read.data.name === name) return read.data;
  throw new UserError(`Cannot read ${path}: it is damaged, want the SHA-256 of the archive and of each member`);
}

/** Writes a record; members in the order of their paths. */
export async function writeRecord(folder: string, value: DownloadRecord): Promise<void> {
  const members = Object.fromEntries(Object.entries(value.members).sort(([a], [b]) => a < b ? -1 : 1));
  const text = JSON.stringify({ name: value.name, archive: value.archive, members }, null, 2);
  await writeWhole(recordPath(folder, value.name), `${text}\n`);
}
