import { join } from "node:path";
import { exists, readWhole, shortPath, writeWhole } from "../cli/files.ts";
import { UserError } from "../core/errors.ts";
import { sha256 } from "../core/sha256.ts";

/** The package that runs graphs in a browser; its version is that of the package that runs them here. */
const PACKAGE = "onnxruntime-web@1.30.0";

/** Its files that a page loads, with their SHA-256: of 140 MB that it brings, what WebAssembly and WebGPU want. */
const FILES: Readonly<Record<string, string>> = {
  "ort.wasm.min.mjs": "219e6a1fc8a9938268d18efca3c91d310bd2f4a59bbd13744df5b2b7fc6cee3b",
  "ort.webgpu.min.mjs": "3dffff71811bc13a3a3d9591c57ca5ee5735b8f5f3eaf789510b02bb040ae3a0",
  "ort-wasm-simd-threaded.mjs": "e13f7f94fc51b4ca72b12faeb1ee95f4ace6dfbc8939bc718aabdc0a27c4299b",
  "ort-wasm-simd-threaded.wasm": "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2",
  "ort-wasm-simd-threaded.asyncify.mjs": "3d1c85995364bb643302fc6fd877a0c3ba5ae72401815e0f24828a53d9191e28",
  "ort-wasm-simd-threaded.asyncify.wasm": "39f9f0894d478800487ed9f7dbe92618498db320cf55c8e3d89adff8dce658da",
};

/**
 * Puts the library's files into a folder, unless they are there: installed from Deno's cache or the npm registry into a folder
 * beside it, of which the rest does not stay.
 *
 * @param folder of the page
 * @param scratch a folder that may be made and removed
 * @param say is told what is going on, a line at a time
 * @throws {UserError} when they cannot be had, or are not those that are known
 */
export async function placeLibrary(folder: string, scratch: string, say: (line: string) => void): Promise<void> {
  const names = Object.keys(FILES), there = await Promise.all(names.map((name) => isRight(join(folder, name), name)));
  if (there.every(Boolean)) return;
  say(`Installing ${PACKAGE} for the page in ${shortPath(folder)}: 35 MB to download once, 43 MB on disk …`);
  await Deno.mkdir(scratch, { recursive: true });
  try {
    await writeWhole(
      join(scratch, "package.json"),
      `{ "dependencies": { ${JSON.stringify(PACKAGE.split("@")[0])}: "${PACKAGE.split("@")[1]}" } }\n`,
    );
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["install", "--quiet", "--node-modules-dir=auto"],
      cwd: scratch,
      stdin: "null",
      stdout: "null",
    }).output();
    const from = join(scratch, "node_modules", PACKAGE.split("@")[0], "dist");
    if (!success) throw new UserError(`Cannot install ${PACKAGE}, see above; want a connection to the npm registry`);
    for (const name of names) {
      if (!await isRight(join(from, name), name)) {
        throw new UserError(
          `Cannot use ${shortPath(join(from, name))}: its SHA-256 is not that of ${PACKAGE} as it is known`,
        );
      }
      await writeWhole(join(folder, name), await readWhole(join(from, name)));
    }
  } finally {
    await Deno.remove(scratch, { recursive: true }).catch(() => {});
  }
}

async function isRight(path: string, name: string): Promise<boolean> {
  return await exists(path) && sha256(await readWhole(path)) === FILES[name];
}
