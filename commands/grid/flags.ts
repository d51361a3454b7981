import { join } from "node:path";
import { type Flag, forbid, type Parsed, parseFlags } from "../../cli/args.ts";
import { UserError } from "../../core/errors.ts";
import { type Experiment, experimentNames, findExperiment } from "./experiments.ts";
import { type GridFolders, type GridRequest, parseSet } from "./plan.ts";
import { count } from "./count.ts";
import { SLURM_FLAGS, slurmOptions } from "./slurm/flags.ts";
import type { SlurmOptions } from "./slurm/script.ts";
import { table17 } from "./table17.ts";

/** What is done with a plan. */
export type Action = "run" | "dry-run" | "status" | "collect";

/** What the command line asks for. */
export interface GridCommand {
  /** What to plan; nothing where the folder's plan is to be taken. */
  request?: GridRequest;
  folders: { run: string; out?: string };
  action: Action;
  /** How many cells run at a time; nothing where it was not said. */
  jobs?: number;
  slurm?: Omit<SlurmOptions, "jobs">;
}

const USAGE = `deno task grid ${experimentNames.join(" | ")} [flags], or deno task grid --run DIR`;

const PLANNING: Record<string, Flag> = {
  profile: { type: "string", value: "NAME", help: `scale of the experiment (default ${table17.defaultProfile})` },
  rows: { type: "string", value: "LIST", help: "rows with commas (default all)" },
  seeds: { type: "string", value: "N", help: "number of seeds, 0 … N-1 (default 1)" },
  set: { type: "string", value: "KEY=A,B", help: "values of one key; may be repeated", multiple: true },
};
const PASSED = Object.fromEntries(
  Object.entries(table17.passed).map(([name, { value, help }]): [string, Flag] => [
    name,
    value === undefined ? { type: "boolean", help } : { type: "string", value, help },
  ]),
);
const FLAGS: Record<string, Flag> = {
  ...PLANNING,
  ...PASSED,
  run: { type: "string", value: "DIR", help: "folder of the grid (default runs/grid-EXPERIMENT-PROFILE)" },
  out: { type: "string", value: "DIR", help: "folder for results (default results/ in the grid's folder)" },
  jobs: { type: "string", value: "N", help: "cells at a time (default 1; with --slurm as many as there is room for)" },
  "dry-run": { type: "boolean", help: "print the plan, with --slurm the script too, and stop" },
  status: { type: "boolean", help: "print how far each cell is" },
  collect: { type: "boolean", help: "check and list the results; exit code 1 unless each is there once" },
  slurm: { type: "boolean", help: "submit one job array instead of running here" },
  ...SLURM_FLAGS,
};

/**
 * Reads the command line.
 *
 * @throws {UserError} on anything unknown, out of range or without effect
 */
export function parseGrid(args: string[]): GridCommand {
  const { values, positionals } = parseFlags(args, USAGE, FLAGS, 1),
    text = values as Record<string, string | undefined>;
  const action = parseAction(values), { jobs, run, out } = text;
  for (const flag of ["run", "out"]) {
    if (text[flag] === "") throw new UserError(`Cannot use --${flag} '': want a folder`);
  }
  const inspects = action === "status" || action === "collect";
  for (const flag of ["jobs", "slurm"]) forbid(inspects && values[flag] !== undefined, `--${flag}`, `--${action}`);
  for (const flag of Object.keys(SLURM_FLAGS)) {
    forbid(!values.slurm && values[flag] !== undefined, `--${flag}`, "a grid without --slurm");
  }
  const planned = positionals.length > 0 ? requestOf(positionals[0], values) : undefined;
  if (!planned) {
    if (run === undefined) {
      throw new UserError(`Cannot tell which grid: want ${experimentNames.join(" or ")}, or --run DIR`);
    }
    for (const flag of [...Object.keys(PLANNING), ...Object.keys(PASSED), "out"]) {
      forbid(values[flag] !== undefined, `--${flag}`, "the plan of --run; want the experiment's name before it");
    }
  }
  return {
    ...(planned && { request: planned }),
    folders: { run: run ?? join("runs", `grid-${planned!.experiment}-${planned!.profile}`), ...(out && { out }) },
    action,
    ...(jobs !== undefined && { jobs: count("jobs", jobs, 1) }),
    ...(values.slurm === true && { slurm: slurmOptions(values) }),
  };
}

/** The folders of a grid, the results' one by default inside the grid's. */
export function gridFolders({ run, out = join(run, "results") }: GridCommand["folders"]): GridFolders {
  return { run, out };
}

function requestOf(name: string, values: Parsed["values"]): GridRequest {
  const found = findExperiment(name), { set = [] } = values;
  const { profile, rows, seeds } = values as Record<string, string | undefined>;
  return {
    experiment: found.name,
    profile: profile ?? found.experiment.defaultProfile,
    rows: rows === undefined ? [...found.experiment.rows] : parseRows(rows),
    seeds: count("seeds", seeds ?? "1", 1, 1000),
    sets: (set as string[]).map(parseSet),
    passed: passedWords(found.experiment, values),
  };
}

function parseRows(text: string): string[] {
  const rows = text.split(",").map((row) => row.trim());
  if (new Set(rows).size < rows.length) throw new UserError(`Cannot use --rows ${text}: a row is named twice`);
  return rows;
}

function passedWords({ passed }: Experiment, values: Parsed["values"]): string[] {
  return Object.keys(passed).flatMap((name) => {
    const value = values[name];
    return value === undefined ? [] : value === true ? [`--${name}`] : [`--${name}`, String(value)];
  });
}

function parseAction(values: Parsed["values"]): Action {
  const given = (["dry-run", "status", "collect"] as const).filter((flag) => values[flag] === true);
  if (given.length > 1) throw new UserError(`Cannot use --${given[0]} and --${given[1]} together: want one of them`);
  return given[0] ?? "run";
}
