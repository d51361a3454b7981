import { type Flag, forbid, listFlag, type Parsed, parseFlags } from "../../cli/args.ts";
import { wholeFlag } from "../../cli/wholeFlag.ts";
import { UserError } from "../../core/errors.ts";
import { EXPERIMENTS, findExperiment } from "../../experiments/mod.ts";
import { DEFAULT_RUN } from "./folders.ts";
import { PASSED, passedWords } from "./passed.ts";
import { type GridRequest, parseProbes, parseSet } from "./request.ts";
import { SLURM_FLAGS, slurmOptions } from "./slurm/flags.ts";
import type { SlurmOptions } from "./slurm/script.ts";

/** What is done with a plan. */
export type Action = "run" | "dry-run" | "status" | "collect";

/** What the command line asks for. */
export interface GridCommand {
  /** What to plan; nothing where a plan that was written is to be taken. */
  request?: GridRequest;
  /** Folder of all phases. */
  run: string;
  /** The grid's name, where it is said. */
  name?: string;
  /** Folder of the results, where it is said. */
  out?: string;
  /** Whether a record in the results' folder is enough for a phase to be done, whoever made it. */
  recorded?: boolean;
  action: Action;
  /** Whether --status and --collect print CSV. */
  csv: boolean;
  /** How many cells run at a time; nothing where it was not said. */
  jobs?: number;
  slurm?: Omit<SlurmOptions, "jobs">;
}

const USAGE = "deno task grid EXPERIMENT [flags], or deno task grid --run DIR [--name NAME] [flags]";
const PROFILE = "laptop";

const PLANNING: Record<string, Flag> = {
  profile: { type: "string", value: "NAME", help: `scale of the experiment (default ${PROFILE})` },
  rows: { type: "string", value: "LIST", help: "rows with commas (default all)" },
  seeds: { type: "string", value: "N", help: "number of seeds, 0 … N-1 (default 1)" },
  set: { type: "string", value: "KEY=A,B", help: "values of one key; may be repeated", multiple: true },
  probes: { type: "string", value: "LIST", help: "linear, knn: probes of every pre-training" },
};
const FLAGS: Record<string, Flag> = {
  ...PLANNING,
  ...PASSED,
  run: { type: "string", value: "DIR", path: true, help: `folder of phases and grids (default ${DEFAULT_RUN})` },
  name: {
    type: "string",
    value: "NAME",
    help: "name of the grid (default EXPERIMENT-PROFILE, digits if there are sets)",
  },
  out: {
    type: "string",
    value: "DIR",
    path: true,
    help: "folder for results (default results/ in the folder of --run)",
  },
  recorded: {
    type: "boolean",
    help: "a phase with a record in --out is done, on whatever machine it was made",
  },
  jobs: {
    type: "string",
    value: "N",
    help: "processes at a time (default one a core; with --slurm as many as can be)",
  },
  "dry-run": { type: "boolean", help: "print the plan, with --slurm the scripts too, and stop" },
  status: { type: "boolean", help: "print how far each phase is" },
  collect: { type: "boolean", help: "check and list the results; exit code 1 unless each is there once" },
  csv: { type: "boolean", help: "with --status or --collect: print CSV, one line a phase" },
  slurm: { type: "boolean", help: "submit job arrays instead of running here" },
  ...SLURM_FLAGS,
};

/**
 * Reads the command line.
 *
 * @throws {UserError} on anything unknown, out of range or without effect
 */
export function parseGrid(args: string[]): GridCommand {
  const { values, positionals: [experiment] } = parseFlags(args, USAGE, FLAGS, 1), action = parseAction(values);
  const { jobs, run, name, out } = values as Record<string, string | undefined>;
  for (const [flag, folder] of Object.entries({ run, out })) {
    if (folder === "") throw new UserError(`Cannot use --${flag} '': want a folder`);
  }
  if (name !== undefined && !/^\w[\w.+-]*$/.test(name)) {
    throw new UserError(`Cannot use --name '${name}': want letters, digits and . _ + -`);
  }
  const inspects = action === "status" || action === "collect";
  for (const flag of ["jobs", "slurm"]) forbid(inspects && values[flag] !== undefined, `--${flag}`, `--${action}`);
  forbid(!inspects && values.csv === true, "--csv", "a grid that is neither inspected by --status nor by --collect");
  for (const flag of Object.keys(SLURM_FLAGS)) {
    forbid(!values.slurm && values[flag] !== undefined, `--${flag}`, "a grid without --slurm");
  }
  if (experiment === undefined) {
    if (run === undefined && name === undefined) {
      const ids = EXPERIMENTS.map(({ id }) => id).join(", ");
      throw new UserError(`Cannot tell which grid: want an experiment (${ids}), or --run DIR`);
    }
    for (const flag of [...Object.keys(PLANNING), ...Object.keys(PASSED), "out"]) {
      forbid(values[flag] !== undefined, `--${flag}`, "the plan of --run; want the experiment's name before it");
    }
  }
  return {
    ...(experiment !== undefined && { request: requestOf(experiment, values) }),
    run: run ?? DEFAULT_RUN,
    ...(name !== undefined && { name }),
    ...(out !== undefined && { out }),
    ...(values.recorded === true && { recorded: true }),
    action,
    csv: values.csv === true,
    ...(jobs !== undefined && { jobs: wholeFlag("jobs", jobs, 1, 1e9) }),
    ...(values.slurm === true && { slurm: slurmOptions(values) }),
  };
}

function requestOf(experiment: string, values: Parsed["values"]): GridRequest {
  const { profile, rows, seeds, probes } = values as Record<string, string | undefined>, { set = [] } = values;
  return {
    experiment: findExperiment(experiment).id,
    profile: profile ?? PROFILE,
    ...(rows !== undefined && { rows: listFlag("rows", rows, "a row") }),
    seeds: wholeFlag("seeds", seeds ?? "1", 1, 1000),
    sets: (set as string[]).map(parseSet),
    probes: probes === undefined ? [] : parseProbes(probes),
    passed: passedWords(values),
  };
}

function parseAction(values: Parsed["values"]): Action {
  const given = (["dry-run", "status", "collect"] as const).filter((flag) => values[flag] === true);
  if (given.length > 1) throw new UserError(`Cannot use --${given[0]} and --${given[1]} together: want one of them`);
  return given[0] ?? "run";
}
