import { openPlain, reason } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { KIND_BYTES, kindOf } from "./fileKind.ts";
import { FileWindow } from "./fileWindow.ts";
import { folderSource } from "./folderSource.ts";
import type { ImageSource } from "./source.ts";
import { isTar, tarSource } from "./tarSource.ts";
import { zipSource } from "./zipSource.ts";

/**
 * The folder or archive at a path.
 *
 * @throws {UserError} when there is nothing, a file of another kind, or one that is not what its name says
 */
export async function openSource(path: string): Promise<ImageSource> {
  const wanted = "want a folder or a .tar, .tar.gz, .tgz or .zip archive of images";
  let found: Deno.FileInfo;
  try {
    found = await Deno.stat(path);
  } catch (error) {
    throw new UserError(`Cannot open ${path}: ${reason(error)}, ${wanted}`);
  }
  if (found.isDirectory) return folderSource(path);
  const isZip = path.endsWith(".zip"), first = found.isFile ? await firstBytes(path) : new Uint8Array();
  const kind = kindOf(first), named = isZip ? "a zip archive" : path.endsWith(".tar") ? "a tar archive" : "a gzip file";
  if (!isTar(path) && !isZip) {
    throw new UserError(`Cannot open ${path}: it is ${kind ?? "a file of another kind"}, ${wanted}`);
  }
  if (kind !== undefined && kind !== named) {
    throw new UserError(
      `Cannot open ${path}: it is ${kind} by its content and ${named} by its name, want both the same`,
    );
  }
  return isZip ? zipSource(path) : tarSource(path);
}

async function firstBytes(path: string): Promise<Uint8Array> {
  try {
    using file = await openPlain(path);
    return await new FileWindow(file, KIND_BYTES).read(0, KIND_BYTES);
  } catch {
    return new Uint8Array(); // whoever reads it next says why it cannot be read
  }
}
