import { join } from "node:path";
import { forbid, numberFlag, type Parsed, parseFlags } from "../../cli/args.ts";
import { UserError } from "../../core/errors.ts";
import { RANK_FLAGS, type RankOptions, rankOptions } from "../../distributed/flags.ts";
import { type RowKey, rowKeys } from "../../records/schema.ts";
import { resolveConfig, rowSchedule, type Table17Config } from "./config.ts";
import { PROFILES } from "./profiles.ts";
import type { FolderOptions } from "./rowFolder.ts";

/** What the command line asks for. */
export interface Command extends RankOptions {
  profile: string;
  config: Table17Config;
  rows: RowKey[];
  seeds: number[];
  out: string;
  engine: "compiled" | "eager";
  backend: string;
  /** Threads of the compiled engine; without it the machine's cores, shared among its ranks. */
  threads?: number;
  data?: string;
  classes?: string;
  skipBad: boolean;
  predict: boolean;
  json: boolean;
  folders: FolderOptions;
}

const EVERY = 10, KEEP = 2, SEEDS = 1;
const USAGE = "deno task repro:table17 [flags]";

const FLAGS = {
  profile: { type: "string", value: "NAME", help: `scale: ${Object.keys(PROFILES).join(", ")}`, default: "laptop" },
  data: {
    type: "string",
    value: "PATH",
    help: "image folder, .tar or .tar.gz with train/ and test/ or val/; CIFAR as published",
  },
  classes: { type: "string", value: "LIST", help: "in5, in10, in25, in100, or class names with commas" },
  "skip-bad": { type: "boolean", help: "leave unreadable images out and count them" },
  rows: { type: "string", value: "LIST", help: `rows with commas: ${rowKeys.join(", ")} (default all)` },
  seeds: { type: "string", value: "N", help: `number of seeds, 0 … N-1 (default ${SEEDS})` },
  seed: { type: "string", value: "N", help: "this seed alone, instead of --seeds" },
  set: { type: "string", value: "KEY=VALUE", help: "change one key of the config; may be repeated", multiple: true },
  engine: { type: "string", value: "NAME", help: "compiled or eager", default: "compiled" },
  backend: { type: "string", value: "NAME", help: "tfjs backend of the eager engine (default cpu)" },
  threads: { type: "string", value: "N", help: "threads of the compiled engine (default all cores, shared by ranks)" },
  ...RANK_FLAGS,
  out: { type: "string", value: "DIR", help: "folder for results", default: "results" },
  run: { type: "string", value: "DIR", help: "folder for checkpoints and weights (default runs/table17-PROFILE)" },
  resume: { type: "boolean", help: "go on from the newest checkpoints; finished rows are not run again" },
  fresh: { type: "boolean", help: "start over where there are checkpoints" },
  wait: { type: "boolean", help: "with --resume: wait as long as another process works on the same row" },
  "any-code": { type: "boolean", help: "with --resume: accept checkpoints of another version of the code" },
  every: { type: "string", value: "MIN", help: `minutes between two checkpoints (default ${EVERY})` },
  keep: { type: "string", value: "N", help: `checkpoints that stay (default ${KEEP})` },
  predict: { type: "boolean", help: "print the predicted cost and stop" },
  json: { type: "boolean", help: "print one JSON object instead of text" },
} as const;

/**
 * Reads the command line.
 *
 * @param launched whether an MPI launcher has started this process
 * @throws {UserError} on anything unknown, out of range or without effect
 */
export function parseCommand(args: string[], launched = false): Command {
  const { values } = parseFlags(args, USAGE, FLAGS), text = values as Record<string, string | undefined>;
  const profile = text.profile!;
  if (!Object.hasOwn(PROFILES, profile)) {
    throw new UserError(`Cannot use --profile ${profile}: want one of ${Object.keys(PROFILES).join(", ")}`);
  }
  const config = resolveConfig(PROFILES[profile], values.set as string[] | undefined ?? []);
  const engine = text.engine!;
  if (engine !== "compiled" && engine !== "eager") {
    throw new UserError(`Cannot use --engine ${engine}: want compiled or eager`);
  }
  forbid(engine === "compiled" && text.backend !== undefined, "--backend", "the compiled engine; want --engine eager");
  forbid(engine === "eager" && text.threads !== undefined, "--threads", "the eager engine; want --engine compiled");
  forbid(values.predict === true && text.accum !== undefined, "--accum", "--predict, which trains nothing");
  const images = config.data.source === "images", { data, classes } = text;
  if (images && !data) {
    throw new UserError(`Cannot run profile ${profile} without images: want --data with a folder, .tar or .tar.gz`);
  }
  for (const flag of ["data", "classes", "skip-bad"]) {
    forbid(!images && values[flag] !== undefined, `--${flag}`, `profile ${profile}, which draws its own images`);
  }
  if (text.out === "") throw new UserError("Cannot use --out '': want a folder");
  const rows = parseRows(text.rows);
  for (const row of rows) rowSchedule(config, row, 1); // its errors shall come before any data are read
  const threads = text.threads === undefined
    ? undefined
    : numberFlag("threads", text.threads, whole(1, 1024), "a whole number from 1 to 1024");
  return {
    profile,
    config,
    rows,
    seeds: parseSeeds(text),
    out: text.out!,
    engine,
    backend: text.backend ?? "cpu",
    ...(threads !== undefined && { threads }),
    ...(data !== undefined && { data }),
    ...(classes !== undefined && { classes }),
    skipBad: values["skip-bad"] === true,
    predict: values.predict === true,
    json: values.json === true,
    folders: folderOptions(values, profile),
    ...rankOptions(text, launched),
  };
}

function folderOptions(values: Parsed["values"], profile: string): FolderOptions {
  const { resume = false, fresh = false, run = join("runs", `table17-${profile}`) } = values;
  if (resume && fresh) throw new UserError("Cannot use --resume and --fresh together: want one of them");
  for (const flag of ["any-code", "wait"]) {
    forbid(!resume && values[flag] === true, `--${flag}`, "a run that does not --resume");
  }
  for (const flag of ["run", "resume", "fresh", "any-code", "wait", "every", "keep"]) {
    forbid(values.predict === true && values[flag] !== undefined, `--${flag}`, "--predict, which trains nothing");
  }
  if (run === "") throw new UserError("Cannot use --run '': want a folder");
  const wanted = "a number of minutes of at least 0";
  return {
    root: run as string,
    begin: resume ? "resume" : fresh ? "fresh" : "new",
    anyCode: values["any-code"] === true,
    wait: values.wait === true,
    keep: numberFlag(
      "keep",
      values.keep ?? String(KEEP),
      (n) => Number.isInteger(n) && n >= 1,
      "a whole number from 1",
    ),
    everyMinutes: numberFlag("every", values.every ?? String(EVERY), (n) => n >= 0, wanted),
  };
}

const whole = (low: number, high: number) => (n: number) => Number.isInteger(n) && n >= low && n <= high;

function parseSeeds({ seed, seeds }: Record<string, string | undefined>): number[] {
  if (seed === undefined) {
    const length = numberFlag("seeds", seeds ?? String(SEEDS), whole(1, 1000), "a whole number from 1 to 1000");
    return Array.from({ length }, (_, i) => i);
  }
  if (seeds !== undefined) throw new UserError("Cannot use --seed and --seeds together: want one of them");
  return [numberFlag("seed", seed, whole(0, 999), "a whole number from 0 to 999")];
}

function parseRows(text: string | undefined): RowKey[] {
  if (text === undefined) return [...rowKeys];
  const words = text.split(",").map((word) => word.trim());
  for (const word of words) {
    if (!rowKeys.includes(word as RowKey)) {
      throw new UserError(`Cannot run row '${word}': want one of ${rowKeys.join(", ")}`);
    }
  }
  if (new Set(words).size < words.length) throw new UserError(`Cannot use --rows ${text}: a row is named twice`);
  return words as RowKey[];
}
