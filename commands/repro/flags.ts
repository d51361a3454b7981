import { join } from "node:path";
import { forbid, listFlag, numberFlag, type Parsed, parseFlags } from "../../cli/args.ts";
import { DEVICE_FLAGS, type DeviceChoice, engineDevice } from "../../cli/device.ts";
import { UserError } from "../../core/errors.ts";
import { parseDataPaths } from "../../datasets/dataPaths.ts";
import { RANK_FLAGS, type RankOptions, rankOptions } from "../../distributed/flags.ts";
import type { Experiment } from "../../experiments/experiment.ts";
import { findExperiment } from "../../experiments/mod.ts";
import { allRows, phasesOf, type Plan, planOf, type Request, runsOf, sourcesOf } from "../../experiments/plan.ts";
import { type ProbeKind, PROBES } from "../../experiments/probes.ts";
import { checkPhases } from "../../training/checkPhases.ts";
import type { FolderOptions } from "../../training/graphWork.ts";
import { checkTexts } from "../../records/hashedFile.ts";
import { type Phase, phaseKey, plainPhase } from "../../records/phase.ts";
import { resolveSettings } from "../../experiments/settings.ts";
import type { PretrainConfig } from "../../training/config.ts";
import { checkGiven, forbidIdleGiven, type Given, GIVEN_FLAGS, givenSettings, readGiven } from "./given.ts";
import { isKnown } from "./knownImages.ts";

/** What the command line asks for. */
export interface Command extends RankOptions, Given {
  experiment: Experiment;
  request: Request;
  plan: Plan;
  /** The phases of the plan that are to be run. */
  wanted: Phase[];
  engine: "compiled" | "eager";
  backend: string;
  /** What the compiled engine runs on. */
  device: DeviceChoice;
  /** Threads of the compiled engine; without it those that the phases were begun with, or the machine's cores. */
  threads?: number;
  /** Where images lie, by the name of their source. */
  paths: ReadonlyMap<string, string>;
  skipBad: boolean;
  predict: boolean;
  /** Prints the settings instead of training. */
  config: boolean;
  /** Measures the time of pre-training instead of training. */
  times?: { repeats: number; steps: number };
  json: boolean;
  folders: FolderOptions;
}

const EVERY = 10, KEEP = 2, SEEDS = 1, REPEATS = 3, STEPS = 8;
const USAGE = "deno task repro [EXPERIMENT] [flags]";

const FLAGS = {
  profile: { type: "string", value: "NAME", help: "scale; deno task repro lists them", default: "laptop" },
  data: {
    type: "string",
    value: "PATH",
    help: "image folder, .tar, .tar.gz or .zip with train/ and test/ or val/; CIFAR and Tiny-ImageNet as published; " +
      "NAME=PATH where there are several",
    multiple: true,
  },
  ...GIVEN_FLAGS,
  classes: { type: "string", value: "LIST", help: "a subset such as in100 or tiny25, or class names with commas" },
  "skip-bad": { type: "boolean", help: "leave unreadable images out and count them" },
  rows: { type: "string", value: "LIST", help: "rows with commas (default all)" },
  seeds: { type: "string", value: "N", help: `number of seeds, 0 … N-1 (default ${SEEDS})` },
  seed: { type: "string", value: "N", help: "this seed alone, instead of --seeds" },
  set: { type: "string", value: "KEY=VALUE", help: "change one key of the settings; may be repeated", multiple: true },
  probes: { type: "string", value: "LIST", help: `also ${PROBES.join(", ")} of every pre-training` },
  phase: { type: "string", value: "KEY", help: "this phase alone; what it starts from has to be finished" },
  engine: { type: "string", value: "NAME", help: "compiled or eager", default: "compiled" },
  backend: { type: "string", value: "NAME", help: "tfjs backend of the eager engine (default cpu)" },
  ...DEVICE_FLAGS,
  threads: { type: "string", value: "N", help: "threads of the compiled engine (default all cores, shared by ranks)" },
  ...RANK_FLAGS,
  out: { type: "string", value: "DIR", help: "folder for records (default results/ in the folder of --run)" },
  run: { type: "string", value: "DIR", help: "folder for checkpoints and weights of all phases", default: "runs" },
  resume: { type: "boolean", help: "go on from what earlier commands left: what happens anyway" },
  fresh: { type: "boolean", help: "start over, whatever earlier commands left" },
  wait: { type: "boolean", help: "wait as long as another process works on the same phase" },
  "any-code": { type: "boolean", help: "accept checkpoints and records of another version of the code" },
  every: { type: "string", value: "MIN", help: `minutes between two checkpoints (default ${EVERY})` },
  keep: { type: "string", value: "N", help: `checkpoints that stay (default ${KEEP})` },
  predict: { type: "boolean", help: "print the predicted cost and stop; needs no images where their number is known" },
  config: { type: "boolean", help: "print all settings as YAML and stop" },
  times: {
    type: "boolean",
    help: "measure the time of pre-training, the rows in turn step by step, instead of training",
  },
  repeats: { type: "string", value: "N", help: `with --times: how often (default ${REPEATS})` },
  steps: { type: "string", value: "N", help: `with --times: steps of an epoch (default ${STEPS})` },
  json: { type: "boolean", help: "print one JSON object instead of text" },
} as const;

/**
 * Reads the command line.
 *
 * @param launched whether an MPI launcher has started this process
 * @param given what lies at `--teacher` and `--tokens`; see `readGivenOf`
 * @returns nothing where no experiment is named: all are to be listed
 * @throws {UserError} on anything unknown, out of range or without effect
 */
export function parseCommand(args: string[], launched = false, given: Given = {}): Command | undefined {
  const { values, positionals } = parseFlags(args, USAGE, FLAGS, 1),
    text = values as Record<string, string | undefined>;
  if (positionals.length === 0) {
    if (args.length > 0) {
      throw new UserError(`Cannot tell which experiment: want its name, e.g. deno task repro thesis.table17`);
    }
    return undefined;
  }
  const experiment = findExperiment(positionals[0]), times = timesOptions(values);
  forbidIdleGiven(given, experiment, values);
  const asked = requestOf(values, given),
    request = times ? timesRequest(experiment, asked) : asked,
    plan = planOf(experiment, request);
  checkGiven(pretrainings(plan), given);
  const wanted = times ? pretrainings(plan) : wantedPhases(plan, text.phase);
  checkPhases(wanted);
  checkTexts("the command line", { set: plan.set, phases: wanted.map(plainPhase) });
  const engine = text.engine!;
  if (engine !== "compiled" && engine !== "eager") {
    throw new UserError(`Cannot use --engine ${engine}: want compiled or eager`);
  }
  forbid(engine === "compiled" && text.backend !== undefined, "--backend", "the compiled engine; want --engine eager");
  forbid(engine === "eager" && text.threads !== undefined, "--threads", "the eager engine; want --engine compiled");
  const device = engineDevice(values, engine === "eager");
  forbid(values.predict === true && text.accum !== undefined, "--accum", "--predict, which trains nothing");
  const sources = sourcesOf(wanted);
  const paths = parseDataPaths((values.data ?? []) as string[]);
  const { profile } = request, config = values.config === true, predict = values.predict === true;
  for (const flag of ["predict", "times", "json"]) {
    forbid(config && values[flag] === true, `--${flag}`, "--config, which prints the settings alone");
  }
  const isSpared = (name: string) => config || (predict && isKnown(profile, name));
  const absent = [...sources].find((name) => !paths.has(name) && !isSpared(name));
  if (absent !== undefined) {
    const flag = absent === "images" ? "--data" : `--data ${absent}=PATH`;
    throw new UserError(
      `Cannot run profile ${profile} without images: want ${flag} with a folder, .tar, .tar.gz or .zip${
        fetchHint(profile)
      }`,
    );
  }
  for (const flag of ["data", "classes", "skip-bad"]) {
    forbid(
      sources.size === 0 && values[flag] !== undefined,
      `--${flag}`,
      `profile ${profile}, which draws its own images`,
    );
  }
  const idle = [...paths.keys()].find((name) => !sources.has(name));
  forbid(idle !== undefined, `--data ${idle}=…`, `this experiment, whose images are named ${[...sources].join(", ")}`);
  if (text.out === "") throw new UserError("Cannot use --out '': want a folder");
  const threads = text.threads === undefined
    ? undefined
    : numberFlag("threads", text.threads, whole(1, 1024), "a whole number from 1 to 1024");
  return {
    experiment,
    request,
    plan,
    wanted,
    engine,
    backend: text.backend ?? "cpu",
    device,
    ...(threads !== undefined && { threads }),
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

/** How to come by the images of a profile, where a command downloads them. */
function fetchHint(profile: string): string {
  const isCifar = ["cifar10", "cifar10-full", "evidence"].includes(profile);
  return isCifar ? "; deno task datasets:fetch cifar10 downloads them to data/cifar-10-batches-bin" : "";
}

/** How the time is measured; nothing where it is not. */
function timesOptions(values: Parsed["values"]): Command["times"] {
  const { times, repeats, steps } = values as Record<string, string | undefined>;
  if (!times) {
    forbid(repeats !== undefined, "--repeats", "a command without --times");
    forbid(steps !== undefined, "--steps", "a command without --times");
    return undefined;
  }
  for (
    const flag of ["seeds", "seed", "probes", "phase", "every", "keep", "wait", "any-code", "predict", "resume", "json"]
  ) {
    forbid(values[flag] !== undefined && values[flag] !== false, `--${flag}`, "--times, which trains nothing");
  }
  const wanted = "a whole number from 1 to 1000";
  return {
    repeats: numberFlag("repeats", repeats ?? String(REPEATS), whole(1, 1000), wanted),
    steps: numberFlag("steps", steps ?? String(STEPS), whole(1, 1000), wanted),
  };
}

/** Unless rows are named: those of the print, and those that freeze as the released code does. */
function timesRequest(experiment: Experiment, request: Request): Request {
  if (request.rows) return request;
  const settings = resolveSettings(experiment, request.profile, request.set), rows = allRows(experiment, settings);
  const runs = runsOf(experiment, settings, { rows, seeds: request.seeds, probes: [] });
  const isLive = ({ config: { freeze } }: Phase) => (freeze as PretrainConfig["freeze"])?.backward === "live";
  const measured = runs.filter((run) =>
    run.like === undefined || pretrainings({ phases: phasesOf([run]) }).some(isLive)
  );
  return { ...request, rows: measured.map(({ row }) => row) };
}

function pretrainings({ phases }: Pick<Plan, "phases">): Phase[] {
  return phases.filter(({ kind }) => kind === "pretrain");
}

/**
 * Reads the files of targets that a command line names.
 *
 * @throws {UserError} when one cannot be read
 */
export function readGivenOf(args: string[]): Promise<Given> {
  return readGiven(parseFlags(args, USAGE, FLAGS, 1).values);
}

function requestOf(values: Parsed["values"], given: Given): Request {
  const text = values as Record<string, string | undefined>, { classes } = text;
  const set = [...(values.set ?? []) as string[]];
  if (classes !== undefined) set.push(`data.classes=${JSON.stringify(classes)}`);
  set.push(...givenSettings(given, values));
  return {
    profile: text.profile!,
    set,
    ...(text.rows !== undefined && { rows: listFlag("rows", text.rows, "a row") }),
    seeds: parseSeeds(text),
    probes: text.probes === undefined ? [] : parseProbes(text.probes),
  };
}

/** The phases that are run: all of the plan, or the one of `--phase`. */
function wantedPhases({ phases }: Plan, key: string | undefined): Phase[] {
  if (key === undefined) return phases;
  const found = phases.filter((phase) => key.length >= 12 && phaseKey(phase).startsWith(key));
  if (found.length === 1) return found;
  throw new UserError(
    `Cannot run phase ${key}: want 12 digits or more of the key of one of the ${phases.length} phases`,
  );
}

function folderOptions(values: Parsed["values"]): FolderOptions {
  const { resume = false, fresh = false, run, out } = values;
  if (resume && fresh) throw new UserError("Cannot use --resume and --fresh together: want one of them");
  for (const flag of ["resume", "fresh", "any-code", "wait", "every", "keep", "phase"]) {
    forbid(values.predict === true && values[flag] !== undefined, `--${flag}`, "--predict, which trains nothing");
  }
  if (run === "") throw new UserError("Cannot use --run '': want a folder");
  const wanted = "a number of minutes of at least 0";
  return {
    root: run as string,
    out: (out ?? join(run as string, "results")) as string,
    fresh: fresh === true,
    anyCode: values["any-code"] === true,
    wait: values.wait === true,
    keep: numberFlag("keep", values.keep ?? String(KEEP), whole(1, Infinity), "a whole number from 1"),
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

function parseProbes(text: string): ProbeKind[] {
  return listFlag("probes", text, "a probe").map((word) => {
    const probe = PROBES.find((known) => known === word);
    if (probe) return probe;
    throw new UserError(`Cannot use --probes ${text}: '${word}' is none of ${PROBES.join(", ")}`);
  });
}
