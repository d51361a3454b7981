import { existsSync } from "node:fs";
import { UserError } from "../core/errors.ts";

/** The source that a path without a name is for. */
const UNNAMED = "images";

const NAME = /^[a-z][a-z0-9_-]*$/;

/**
 * The values of `--data PATH` and `--data NAME=PATH`, as paths by the name of the source; a path alone is for "images". A
 * word with "=" that is the path of something there is a path.
 *
 * @throws {UserError} when a name or path is empty, a name is not of its form, or two paths are for one source
 */
export function parseDataPaths(words: readonly string[]): Map<string, string> {
  const paths = new Map<string, string>();
  for (const word of words) {
    const { name, path } = partsOf(word), earlier = paths.get(name);
    if (earlier !== undefined) {
      throw new UserError(`Cannot use --data ${word}: ${name} is ${earlier} already, want one path for each source`);
    }
    paths.set(name, path);
  }
  return paths;
}

function partsOf(word: string): { name: string; path: string } {
  const at = word.indexOf("=");
  if (word !== "" && (at < 0 || existsSync(word))) return { name: UNNAMED, path: word };
  const name = word.slice(0, Math.max(at, 0)), path = word.slice(at + 1);
  if (path === "") throw refusal(word, "the path is empty");
  if (name === "") throw refusal(word, "the name is empty");
  if (!NAME.test(name)) {
    throw refusal(word, `the name ${name} has other than a-z, 0-9, _ and -, or does not start with a letter`);
  }
  return { name, path };
}

function refusal(word: string, found: string): UserError {
  return new UserError(`Cannot use --data '${word}': ${found}, want PATH or NAME=PATH`);
}
