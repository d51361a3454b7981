import type { Flag, Parsed } from "../../../cli/args.ts";
import { wholeFlag } from "../../../cli/wholeFlag.ts";
import { UserError } from "../../../core/errors.ts";
import type { SlurmOptions } from "./script.ts";

const WARN = 120;

/** The flags that --slurm gives an effect. */
export const SLURM_FLAGS: Record<string, Flag> = {
  partition: { type: "string", value: "NAME", help: "with --slurm: partition" },
  time: { type: "string", value: "MIN", help: "with --slurm: minutes a job may take" },
  cpus: { type: "string", value: "N", help: "with --slurm: cores of a job (default 1); also its threads" },
  mem: { type: "string", value: "MB", help: "with --slurm: memory of a job" },
  requeue: { type: "boolean", help: "with --slurm: a job that had to stop starts again by itself" },
  warn: {
    type: "string",
    value: "SECONDS",
    help: `with --slurm: save that long before the time is up (default ${WARN})`,
  },
};

/**
 * What the flags say of the jobs.
 *
 * @throws {UserError} on a value out of range
 */
export function slurmOptions(
  { partition, time, cpus, mem, requeue, warn }: Parsed["values"],
): Omit<SlurmOptions, "jobs"> {
  if (partition !== undefined && !/^[\w.,+-]+$/.test(String(partition))) {
    throw new UserError(`Cannot use --partition '${partition}': want the name of a partition`);
  }
  const early = wholeFlag("warn", warn ?? String(WARN), 1, 65535),
    limit = time === undefined ? undefined : wholeFlag("time", time, 1, 1e9);
  if (limit !== undefined && early >= 60 * limit) {
    throw new UserError(
      `Cannot warn a job ${early} s before its ${limit} min are over: want a shorter --warn or more --time`,
    );
  }
  return {
    ...(partition !== undefined && { partition: String(partition) }),
    ...(limit !== undefined && { time: limit }),
    cpus: wholeFlag("cpus", cpus ?? "1", 1, 1024),
    ...(mem !== undefined && { mem: wholeFlag("mem", mem, 1, 1e9) }),
    requeue: requeue === true,
    warn: early,
  };
}
