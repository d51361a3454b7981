import { type Parsed, parseFlags } from "../../cli/args.ts";
import { DEVICE_FLAGS } from "../../cli/device.ts";
import { RANK_FLAGS } from "../../distributed/flags.ts";
import { PROBES } from "../../experiments/probes.ts";
import { GIVEN_FLAGS } from "./given.ts";

/** Minutes between two checkpoints, checkpoints that stay, seeds; with --times repeats and steps. */
export const EVERY = 10, KEEP = 2, SEEDS = 1, REPEATS = 3, STEPS = 8;
const USAGE = "deno task repro [EXPERIMENT] [flags]";

const FLAGS = {
  profile: { type: "string", value: "NAME", help: "scale; deno task repro lists them", default: "laptop" },
  data: {
    type: "string",
    value: "PATH",
    path: true,
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
  out: {
    type: "string",
    value: "DIR",
    path: true,
    help: "folder for records (default results/ in the folder of --run)",
  },
  run: {
    type: "string",
    value: "DIR",
    path: true,
    help: "folder for checkpoints and weights of all phases",
    default: "runs",
  },
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
 * Reads the words of a command line.
 *
 * @throws {UserError} on unknown flags and words
 */
export function readFlags(args: string[]): Parsed {
  return parseFlags(args, USAGE, FLAGS, 1);
}
