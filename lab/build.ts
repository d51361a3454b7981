import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { exists, readWhole, reason, writeWhole } from "../cli/files.ts";
import { UserError } from "../core/errors.ts";
import { placeLibrary } from "./library.ts";

const TAB = new URL("./tab/", import.meta.url);
/** Programs of the page; what they take from Deno's own modules comes from `host`. */
const PROGRAMS = ["page", "worker", "host"];
const AS_THEY_ARE = ["page.css"];

/**
 * Writes the page with all that it loads into a folder, which any static host can serve.
 *
 * @param folder is made where it is missing; an earlier page there is written over
 * @param say is told what is going on, a line at a time
 * @throws {UserError} when something cannot be bundled, installed or written
 */
export async function buildPage(folder: string, say: (line: string) => void): Promise<void> {
  if (await exists(join(folder, "index.html")) && !await exists(join(folder, "page.js"))) {
    throw new UserError(
      `Cannot write the page to ${folder}: index.html is there, and is not its; want an empty folder in --out, or that of ` +
        "an earlier page",
    );
  }
  try {
    await Deno.mkdir(folder, { recursive: true });
  } catch (error) {
    throw new UserError(`Cannot write the page to ${folder}: ${reason(error)}; want a writable folder in --out`);
  }
  await placeLibrary(folder, join(folder, ".install"), say);
  for (const name of PROGRAMS) {
    const path = join(folder, `${name}.js`), made = `${path}.new`;
    try {
      await bundle(fileURLToPath(new URL(`${name}.ts`, TAB)), made);
      await writeWhole(path, withHost(new TextDecoder().decode(await readWhole(made)), name));
    } finally {
      await Deno.remove(made).catch(() => {});
    }
  }
  for (const name of AS_THEY_ARE) {
    await writeWhole(join(folder, name), await readWhole(fileURLToPath(new URL(name, TAB))));
  }
  await writeWhole(join(folder, "index.html"), await readWhole(fileURLToPath(new URL("page.html", TAB))));
}

/** Makes one file of a program and all that it imports. */
async function bundle(from: string, to: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform", "browser", "--minify", "--output", to, from],
    cwd: fileURLToPath(new URL("../", import.meta.url)),
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new UserError(`Cannot bundle ${from}: ${new TextDecoder().decode(stderr).trim()}`);
}

/** A program that takes from `host.js` what it would take from Deno's own modules. */
export function withHost(program: string, name: string): string {
  return program.replace(/(\bfrom\s*|\bimport\s*)"node:[\w/]+"/g, (_, before) => {
    if (name === "host") throw new RangeError("Cannot bundle host.ts: it imports a module of Deno's own");
    return `${before}"./host.js"`;
  });
}
