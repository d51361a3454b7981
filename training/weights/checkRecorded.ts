import { createHash } from "node:crypto";
import { basename, dirname } from "node:path";
import { shortPath } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { epochsOf } from "../checkpoint/weightsFile.ts";
import { finishedRecord } from "../phaseFolder.ts";
import { openWeights } from "./source.ts";

/**
 * Makes sure that the weights that a finished phase kept are those of its record, where that knows them.
 *
 * @param verb what is done with them, for the error message: "export"
 * @throws {UserError} when they are others
 */
export async function checkRecorded(path: string, verb: string): Promise<void> {
  const epochs = epochsOf(basename(path));
  const wanted = epochs === undefined ? undefined : (await finishedRecord(dirname(path)))?.weights[epochs];
  if (wanted === undefined) return;
  const hash = createHash("sha256");
  for (const [name, tensor] of (await openWeights(path)).tensors) {
    const { buffer, byteOffset, byteLength } = tensor.read();
    hash.update(`${name}\n`).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  const found = hash.digest("hex");
  if (found === wanted) return;
  throw new UserError(
    `Cannot ${verb} ${shortPath(path)}: the SHA-256 of its weights is ${found}, want ${wanted} as in its record`,
  );
}
