import { join } from "node:path";
import { exists, shortPath } from "../../cli/files.ts";
import { duration } from "../../cli/progress.ts";
import { UserError } from "../../core/errors.ts";
import { missingPackages } from "./missing.ts";
import { removeOtherPlatforms } from "./prune.ts";

/** Megabytes that are downloaded, and that stay on disk: measured on Linux, x64. */
const DOWNLOAD = 150, DISK = 240;
/** Seconds that it takes at 100 Mbit/s, unpacking included. */
const SECONDS = 25;

/**
 * Installs a project's packages where they are missing: from Deno's cache, else from the registry, as its lock names them.
 * What is downloaded goes to a folder of its own, which does not stay: packages lie on disk once, and without the libraries
 * of other platforms. Nothing is said where nothing is missing.
 *
 * @param folder that has the deno.json
 * @param say is told what is going on, a line at a time
 * @throws {UserError} when they are still missing afterwards
 */
export async function installPackages(folder: string, say: (line: string) => void): Promise<void> {
  const isReady = async () => (await missingPackages(folder)).length === 0;
  if (await isReady()) return;
  await install(folder, ["--quiet", "--cached-only"]);
  if (await isReady()) return say("Installed this project's packages from Deno's cache.");
  const start = performance.now(), modules = join(folder, "node_modules"), cache = join(modules, ".download");
  say(`Installing this project's packages, once: ${DOWNLOAD} MB to download, about`);
  say(`${SECONDS} s at 100 Mbit/s; ${DISK} MB on disk, in ${shortPath(modules)} …`);
  await install(folder, Deno.stderr.isTerminal() ? [] : ["--quiet"], cache);
  const [first, ...more] = await missingPackages(folder);
  if (first !== undefined) {
    const others = more.length > 0 ? ` and ${more.length} more packages` : "";
    throw new UserError(`Cannot install ${first}${others}, see above; want a connection to the npm registry`);
  }
  await Deno.remove(cache, { recursive: true }).catch(() => {}); // another process may be at it
  const engine = join(modules, "onnxruntime-node");
  if (await exists(engine)) await removeOtherPlatforms(await Deno.realPath(engine));
  say(`Installed in ${duration((performance.now() - start) / 1000)}.`);
}

/**
 * Runs `deno install` in a folder.
 *
 * @param cache Deno's folder for downloads, instead of the usual one, which is only looked into
 */
async function install(folder: string, flags: string[], cache?: string): Promise<void> {
  await new Deno.Command(Deno.execPath(), {
    args: ["install", "--frozen", ...flags],
    cwd: folder,
    ...(cache !== undefined && { env: { DENO_DIR: cache } }),
    stdin: "null",
    stdout: "null",
    stderr: cache === undefined ? "null" : "inherit",
  }).output();
}
