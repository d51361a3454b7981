import { existsSync } from "node:fs";
import { parseArgs, type ParseArgsConfig } from "node:util";
import { UserError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { columnsOfOutput, wrapped } from "./columns.ts";
import { fromHere } from "./here.ts";

/** One flag of a command, and the line of help that explains it. */
export interface Flag {
  type: "string" | "boolean";
  /** Shown in --help behind the flag's name, e.g. "N" or "FILE". */
  value?: string;
  help: string;
  default?: string | boolean;
  /** May be given several times; its value is then a list. */
  multiple?: boolean;
  /** Its value is a path, or NAME=PATH where it is "named": it counts from where the command was given. */
  path?: boolean | "named";
  /** A word in place of a value, or no value at all, that asks what there is: the answer is printed, and the exit code 0. */
  asked?: { word: string; say(values: Parsed["values"]): string };
}

/** What a command line held: the flags by name, and the words that belong to no flag. */
export interface Parsed {
  values: Record<string, string | boolean | string[] | undefined>;
  positionals: string[];
}

/**
 * Parses a command line strictly: what is given once counts once. `--help` prints the flags and exits with code 0.
 *
 * @param args the words of the command line
 * @param usage one line, e.g. "deno task schedule [flags]"
 * @param flags the flags the command knows
 * @param positionals how many words without a flag it takes, at most
 * @throws {UserError} on an unknown flag, a missing value, one that is given twice, or a word too many
 */
export function parseFlags(args: string[], usage: string, flags: Record<string, Flag>, positionals = 0): Parsed {
  const options: NonNullable<ParseArgsConfig["options"]> = { help: { type: "boolean" } };
  for (const [name, flag] of Object.entries(flags)) {
    const { type, multiple = false } = flag;
    options[name] = flag.default === undefined ? { type, multiple } : { type, multiple, default: flag.default };
  }
  let parsed: Parsed, given: string[];
  try {
    const { values, positionals, tokens } = parseArgs({
      args: withWords(args, flags),
      options,
      allowPositionals: true,
      strict: true,
      tokens: true,
    });
    parsed = { values: { ...values } as Parsed["values"], positionals };
    given = tokens.flatMap((token) => token.kind === "option" ? [token.name] : []);
  } catch (error) {
    throw new UserError(`Cannot read the command line: ${faultOf(error, flags)}`);
  }
  const twice = given.find((name, k) => given.indexOf(name) < k && !flags[name]?.multiple);
  if (twice !== undefined) throw new UserError(`Cannot use --${twice} twice: want one value`);
  for (const name of new Set(given)) {
    const { path } = flags[name] ?? {}, value = parsed.values[name];
    if (path) {
      parsed.values[name] = Array.isArray(value)
        ? value.map((each) => pathOf(each, path))
        : pathOf(String(value), path);
    }
  }
  if (parsed.values.help) {
    console.log(helpText(usage, flags, columnsOfOutput()));
    Deno.exit(0);
  }
  for (const [name, { asked }] of Object.entries(flags)) {
    if (!asked || parsed.values[name] !== asked.word) continue;
    console.log(asked.say(parsed.values));
    Deno.exit(0);
  }
  if (parsed.positionals.length > positionals) {
    const extra = parsed.positionals[positionals];
    throw new UserError(`Cannot read the command line: unexpected word '${extra}'; usage: ${usage}`);
  }
  return parsed;
}

/** A path, or NAME=PATH, seen from the working folder; what is there under all of its name is a path. */
function pathOf(value: string, kind: true | "named"): string {
  const isNamed = kind === "named" && !existsSync(fromHere(value));
  const [, name, path] = (isNamed && /^([\w-]+=)(.*)$/s.exec(value)) || ["", "", value];
  return name + fromHere(path);
}

/** The words of a command line, with the word that asks where such a flag has no value. */
function withWords(args: readonly string[], flags: Record<string, Flag>): string[] {
  return args.map((word, k) => {
    const asked = word.startsWith("--") ? flags[word.slice(2)]?.asked : undefined, next = args[k + 1];
    return asked && (next === undefined || next.startsWith("-")) ? `${word}=${asked.word}` : word;
  });
}

/** What is wrong; for a flag that is not known, the one that is nearest. */
function faultOf(error: unknown, flags: Record<string, Flag>): string {
  const text = error instanceof Error ? error.message.split(". ")[0] : String(error);
  const [, dashed] = /^Option '(--?[^'\s]+)[^']*' argument is ambiguous/.exec(text) ?? [];
  if (dashed !== undefined) return `the value of ${dashed} begins with a dash, want ${dashed}=VALUE if it does`;
  const [, unknown] = /^Unknown option '(--?[^']+)'$/.exec(text) ?? [];
  if (unknown === undefined) return text;
  const known = [...Object.keys(flags), "help"].map((name) => `--${name}`);
  return `${text}${nearest(unknown, known) || "; --help lists the flags"}`;
}

/** Where the explanations of flags begin. */
const INDENT = 27;

/**
 * The text of `--help`.
 *
 * @param columns characters in a line; longer explanations go on in the next one
 */
export function helpText(usage: string, flags: Record<string, Flag>, columns: number): string {
  const rows = Object.entries(flags).flatMap(([name, flag]) => {
    const preset = flag.default === undefined ? "" : ` (default ${flag.default})`;
    return helpLines(`  --${name}${flag.value ? ` ${flag.value}` : ""}`, flag.help + preset, columns);
  });
  const [first, ...rest] = wrapped(`usage: ${usage}`, columns);
  return [
    first,
    ...rest.map((line) => `  ${line}`),
    "",
    ...rows,
    ...helpLines("  --help", "print this and stop", columns),
  ].join("\n");
}

function helpLines(left: string, help: string, columns: number): string[] {
  return wrapped(help, columns - INDENT).map((line, k) => `${(k === 0 ? left : "").padEnd(INDENT - 1)} ${line}`);
}

/**
 * Reads a flag's value as a number.
 *
 * @param name the flag, for the error message
 * @param text what stood on the command line
 * @param accept whether the number is allowed
 * @param wanted the allowed range in words
 * @throws {UserError} when it is no number or not allowed
 */
export function numberFlag(name: string, text: unknown, accept: (value: number) => boolean, wanted: string): number {
  const value = typeof text === "string" && text.trim() !== "" ? Number(text) : NaN;
  if (!Number.isFinite(value) || !accept(value)) {
    throw new UserError(`Cannot use --${name} ${text}: want ${wanted}`);
  }
  return value;
}

/**
 * Reads a flag's value as words with commas.
 *
 * @param what a word is, for the error message: "a row"
 * @throws {UserError} when one is named twice
 */
export function listFlag(name: string, text: string, what: string): string[] {
  const words = text.split(",").map((word) => word.trim());
  if (new Set(words).size < words.length) throw new UserError(`Cannot use --${name} ${text}: ${what} is named twice`);
  return words;
}

/**
 * Refuses a flag that would have no effect.
 *
 * @param flag with its dashes
 * @param where with what it has none
 * @throws {UserError} on the condition
 */
export function forbid(condition: boolean, flag: string, where: string): void {
  if (condition) throw new UserError(`Cannot use ${flag}: it has no effect with ${where}`);
}
