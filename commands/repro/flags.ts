import { forbid } from "../../cli/args.ts";
import { UserError } from "../../core/errors.ts";
import { type RankOptions, rankOptions } from "../../distributed/flags.ts";
import type { Experiment } from "../../experiments/experiment.ts";
import { findExperiment } from "../../experiments/mod.ts";
import { type Plan, planOf, type Request } from "../../experiments/plan.ts";
import { checkTexts } from "../../records/hashedFile.ts";
import { type Phase, plainPhase } from "../../records/phase.ts";
import { checkPhases } from "../../training/checkPhases.ts";
import type { FolderOptions } from "../../training/graphWork.ts";
import { type EngineOptions, engineOptions } from "./engineFlags.ts";
import { readFlags } from "./flagTable.ts";
import { folderOptions } from "./folderFlags.ts";
import { checkGiven, forbidIdleGiven, type Given, readGiven } from "./given.ts";
import { pathsOf } from "./imageFlags.ts";
import { requestOf, wantedPhases } from "./requestFlags.ts";
import { pretrainings, type TimesOptions, timesOptions, timesRequest } from "./timesFlags.ts";

/** What the command line asks for. */
export interface Command extends EngineOptions, RankOptions, Given {
  experiment: Experiment;
  request: Request;
  plan: Plan;
  /** The phases of the plan that are to be run. */
  wanted: Phase[];
  /** Where images lie, by the name of their source. */
  paths: ReadonlyMap<string, string>;
  skipBad: boolean;
  predict: boolean;
  /** Prints the settings instead of training. */
  config: boolean;
  /** Measures the time of pre-training instead of training. */
  times?: TimesOptions;
  json: boolean;
  folders: FolderOptions;
}

/**
 * Reads the command line.
 *
 * @param launched whether an MPI launcher has started this process
 * @param given what lies at `--teacher` and `--tokens`; see `readGivenOf`
 * @returns nothing where no experiment is named: all are to be listed
 * @throws {UserError} on anything unknown, out of range or without effect
 */
export function parseCommand(args: string[], launched = false, given: Given = {}): Command | undefined {
  const { values, positionals } = readFlags(args), text = values as Record<string, string | undefined>;
  if (positionals.length === 0) {
    if (args.length === 0) return undefined;
    throw new UserError("Cannot tell which experiment: want its name, e.g. deno task repro thesis.table17");
  }
  const experiment = findExperiment(positionals[0]), times = timesOptions(values);
  forbidIdleGiven(given, experiment, values);
  const asked = requestOf(values, given), request = times ? timesRequest(experiment, asked) : asked;
  const plan = planOf(experiment, request);
  checkGiven(pretrainings(plan), given);
  const wanted = times ? pretrainings(plan) : wantedPhases(plan, text.phase);
  if (times && wanted.length === 0) {
    throw new UserError(
      `Cannot use --times: ${
        request.rows ? `none of the rows ${request.rows.join(", ")}` : "no row"
      } of ${experiment.id} ` +
        "is pre-trained, want rows that are",
    );
  }
  checkPhases(wanted);
  checkTexts("the command line", { set: plan.set, phases: wanted.map(plainPhase) });
  const engine = engineOptions(values), config = values.config === true, predict = values.predict === true;
  forbid(predict && text.accum !== undefined, "--accum", "--predict, which trains nothing");
  for (const flag of ["predict", "times", "json"]) {
    forbid(config && values[flag] === true, `--${flag}`, "--config, which prints the settings alone");
  }
  const paths = pathsOf(values, request.profile, wanted);
  if (text.out === "") throw new UserError("Cannot use --out '': want a folder");
  return {
    experiment,
    request,
    plan,
    wanted,
    ...engine,
    paths,
    skipBad: values["skip-bad"] === true,
    ...given,
    predict,
    config,
    ...(times && { times }),
    json: values.json === true,
    folders: folderOptions(values),
    ...rankOptions(text, launched),
  };
}

/**
 * Reads the files of targets that a command line names.
 *
 * @throws {UserError} when one cannot be read
 */
export function readGivenOf(args: string[]): Promise<Given> {
  return readGiven(readFlags(args).values);
}
