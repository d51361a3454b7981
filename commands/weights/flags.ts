import { dirname } from "node:path";
import { type Flag, type Parsed } from "../../cli/args.ts";
import { fromHere } from "../../cli/here.ts";
import { exists } from "../../cli/files.ts";
import { wholeFlag } from "../../cli/wholeFlag.ts";
import { UserError } from "../../core/errors.ts";
import { recordedPhase } from "../../training/checkpoint/phaseKeeper.ts";

/** What `--to` wants. */
export const SAFETENSORS = "a name that ends in .safetensors";
/** Where a command writes to. */
export const toFlag: Flag = { type: "string", value: "FILE", path: true, help: `file to write, ${SAFETENSORS}` };

/**
 * The one word of a command line that is no flag: a path.
 *
 * @param what it is, e.g. "RUN"
 * @throws {UserError} when it is not there
 */
export function oneWord({ positionals }: Parsed, what: string, usage: string): string {
  if (positionals.length === 0) throw new UserError(`Cannot read the command line: no ${what}; usage: ${usage}`);
  return fromHere(positionals[0]);
}

/**
 * The file of `--to`.
 *
 * @param wanted in words, for the error message
 * @throws {UserError} when the flag is not given, or does not name a safetensors file
 */
export function targetOf({ values }: Parsed, wanted: string = SAFETENSORS): string {
  if (typeof values.to !== "string") throw new UserError("Cannot write: no --to, want --to FILE.safetensors");
  if (!values.to.endsWith(".safetensors")) {
    throw new UserError(`Cannot use --to ${values.to}: want ${wanted}`);
  }
  return values.to;
}

/**
 * Makes sure that nothing is lost to what is written: neither the file that is read, nor those that a phase goes on from.
 *
 * @throws {UserError} when it would be
 */
export async function checkTarget(to: string, source: string): Promise<void> {
  if (await exists(to) && await Deno.realPath(to) === await Deno.realPath(source)) {
    throw new UserError(`Cannot write ${to}: it is the file that is read, want another name in --to`);
  }
  if (await recordedPhase(dirname(to)) !== undefined) {
    throw new UserError(
      `Cannot write ${to}: its folder is that of a phase, which goes on from its own files; want another`,
    );
  }
}

/** The folder of `--to`, which has a slash at its end there; undefined where it names a file. */
export function folderOf({ values: { to } }: Parsed): string | undefined {
  return typeof to === "string" && /[/\\]$/.test(to) ? to.slice(0, -1) || to : undefined;
}

/** A flag that is a whole number from 1; undefined when it is not given. */
export function countFlag(name: string, text: unknown): number | undefined {
  if (text === undefined) return undefined;
  return wholeFlag(name, text, 1, 1e5);
}

/**
 * A flag that is one of some words.
 *
 * @throws {UserError} when it is another
 */
export function wordFlag<T extends string>(name: string, text: unknown, known: readonly T[]): T {
  const found = known.find((word) => word === text);
  if (found === undefined) throw new UserError(`Cannot use --${name} ${text}: want ${known.join(" or ")}`);
  return found;
}
