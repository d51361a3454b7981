import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { z } from "zod";
import { readWhole } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { sha256Text } from "../../core/sha256Text.ts";

const checksum = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("md5"), value: z.string().regex(/^[0-9a-f]{32}$/) }),
  z.strictObject({ kind: z.literal("sha256"), value: sha256Text }),
]);

const entry = z.strictObject({
  title: z.string(),
  /** Page of the publisher that states address and checksum. */
  publisher: z.url(),
  url: z.url(),
  /** File name of the archive. */
  archive: z.string().regex(/^[\w-]+\.tar\.gz$/),
  /** The folder that the archive holds. */
  folder: z.string().regex(/^[\w-]+$/),
  checksum,
  maxBytes: z.int().positive(),
  maxUnpackedBytes: z.int().positive(),
  terms: z.string(),
});

/** A data set that can be downloaded, with the checksum its publisher states. */
export type CatalogueEntry = z.infer<typeof entry> & { name: string };

const FILE = new URL("catalogue.yaml", import.meta.url);

/**
 * The data sets that can be downloaded, by name.
 *
 * @throws {UserError} when the catalogue cannot be read
 */
export async function readCatalogue(): Promise<Map<string, CatalogueEntry>> {
  const path = fileURLToPath(FILE), text = new TextDecoder().decode(await readWhole(path));
  const read = z.record(z.string(), entry).safeParse(parse(text));
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new UserError(`Cannot read ${path}: ${issue.path.join(".")}: ${issue.message}`);
  }
  return new Map(Object.entries(read.data).map(([name, value]) => [name, { name, ...value }]));
}
