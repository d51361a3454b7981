import { join } from "node:path";
import { exists } from "../../cli/files.ts";
import { LIBRARIES, platformFolders } from "../../core/engine/ort/platform.ts";

/**
 * Removes the libraries of other platforms from a fresh onnxruntime-node: five times the size of what is loaded here. A
 * platform without a library of its own keeps all.
 *
 * @param root the package's folder
 */
export async function removeOtherPlatforms(root: string): Promise<void> {
  const own = platformFolders(), libraries = join(root, LIBRARIES);
  if (!own || !await exists(join(libraries, ...own))) return;
  const [platform, cpu] = own;
  await removeBut(libraries, platform);
  await removeBut(join(libraries, platform), cpu);
}

/** Removes what lies in a folder, but for one name. */
async function removeBut(folder: string, kept: string): Promise<void> {
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  for (const name of names.filter((name) => name !== kept)) await Deno.remove(join(folder, name), { recursive: true });
}
