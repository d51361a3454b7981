import { reason } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { folderSource } from "./folderSource.ts";
import type { ImageSource } from "./source.ts";
import { isTar, tarSource } from "./tarSource.ts";
import { zipSource } from "./zipSource.ts";

/**
 * The folder or archive at a path.
 *
 * @throws {UserError} when there is nothing, or a file of another kind
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
  if (isTar(path)) return tarSource(path);
  if (path.endsWith(".zip")) return zipSource(path);
  throw new UserError(`Cannot open ${path}: it is a file of another kind, ${wanted}`);
}
