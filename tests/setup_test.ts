import { dirname } from "node:path";
import { platformFolders } from "../core/engine/ort/platform.ts";
import { missingPackages } from "../commands/setup/missing.ts";
import { removeOtherPlatforms } from "../commands/setup/prune.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { filesBelow } from "./commandTools.ts";
import { inFolder } from "./reportTools.ts";

const ROOT = new URL("../", import.meta.url).pathname;

async function write(path: string, content: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, content);
}

Deno.test("missingPackages() names what is not there or of another version", () =>
  inFolder(async (folder) => {
    const imports = { own: "./own.ts", "@scope/a": "npm:@scope/a@1.2.3", b: "npm:b@4.5.6", c: "npm:c@7.8.9" };
    await write(`${folder}/deno.json`, JSON.stringify({ imports }));
    assertEqual(await missingPackages(folder), ["@scope/a@1.2.3", "b@4.5.6", "c@7.8.9"]);
    for (const [name, version] of [["@scope/a", "1.2.3"], ["b", "4.5.7"]]) {
      await write(`${folder}/node_modules/${name}/package.json`, JSON.stringify({ version }));
    }
    assertEqual(await missingPackages(folder), ["b@4.5.6", "c@7.8.9"]);
  }));

Deno.test("removeOtherPlatforms() leaves this platform's library and whatever is none", () =>
  inFolder(async (folder) => {
    const [platform, cpu] = platformFolders()!;
    const paths = ["linux/x64", "linux/arm64", "darwin/arm64", "win32/x64", "win32/arm64"].map((path) =>
      `bin/napi-v6/${path}/library`
    );
    for (const path of [...paths, "package.json"]) await write(`${folder}/${path}`, "");
    await removeOtherPlatforms(folder);
    assertEqual(await filesBelow(folder), [`bin/napi-v6/${platform}/${cpu}/library`, "package.json"]);
  }));

Deno.test("removeOtherPlatforms() leaves all where there is no library for this platform", () =>
  inFolder(async (folder) => {
    await write(`${folder}/bin/napi-v6/plan9/mips/library`, "");
    await removeOtherPlatforms(folder);
    assertEqual(await filesBelow(folder), ["bin/napi-v6/plan9/mips/library"]);
  }));

/** Runs `deno task setup` in a folder that has what it is made of, with nothing cached and no registry. */
async function setup(folder: string) {
  for (const part of ["deno.json", "deno.lock", "cli", "core", "commands"]) {
    await Deno.symlink(`${ROOT}${part}`, `${folder}/${part}`);
  }
  const env = { NO_COLOR: "1", DENO_DIR: `${folder}/cache`, NPM_CONFIG_REGISTRY: "http://127.0.0.1:9" };
  const start = performance.now(), args = ["task", "-q", "setup"];
  const child = new Deno.Command(Deno.execPath(), { args, cwd: folder, env, stdout: "null", stderr: "piped" }).spawn();
  let err = "", first: number | undefined;
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream() as never) as ReadableStream<string>) {
    first ??= (performance.now() - start) / 1000;
    err += text;
  }
  const { code } = await child.status;
  return { code, err, first };
}

Deno.test("setup says at once what it is about to download, and in one line where it cannot", () =>
  inFolder(async (folder) => {
    const { code, err, first } = await setup(folder), lines = err.trimEnd().split("\n");
    assertEqual(code, 1);
    assertEqual(lines.slice(0, 2), [
      "Installing this project's packages, once: 150 MB to download, about",
      "25 s at 100 Mbit/s; 240 MB on disk, in node_modules …",
    ]);
    assertTrue(first! < 10, `its first line came after ${first} s`);
    const last =
      /^error: Cannot install \S+@\S+ and \d+ more packages, see above; want a connection to the npm registry$/;
    assertTrue(last.test(lines.at(-1)!), err);
  }));

Deno.test("setup says nothing where everything is there", () =>
  inFolder(async (folder) => {
    await Deno.symlink(`${ROOT}node_modules`, `${folder}/node_modules`);
    const { code, err } = await setup(folder);
    assertEqual([code, err], [0, ""]);
  }));
