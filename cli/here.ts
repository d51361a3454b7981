import { isAbsolute, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** Where `deno task` says that the command was given: it goes to the project's folder. */
const VARIABLE = "INIT_CWD";
const PROJECT = fileURLToPath(new URL("../", import.meta.url));

/** The way from the working folder to where the command was given; "" where that is the same, or nothing tells. */
const HERE = wayHere();

function wayHere(): string {
  try {
    const given = Deno.env.get(VARIABLE), now = Deno.realPathSync(".");
    if (given === undefined || relative(Deno.realPathSync(PROJECT), now) !== "") return "";
    // What this command starts counts paths from its own working folder.
    Deno.env.delete(VARIABLE);
    return relative(now, Deno.realPathSync(given));
  } catch {
    return ""; // it may not be read, or is no folder any more
  }
}

/** A path that a person wrote, seen from the working folder: it counts from where the command was given. */
export function fromHere(path: string, here = HERE): string {
  return path === "" || here === "" || isAbsolute(path) ? path : join(here, path);
}
