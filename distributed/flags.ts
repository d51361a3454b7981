import { forbid, numberFlag } from "../cli/args.ts";
import { wholeFlag } from "../cli/wholeFlag.ts";
import { UserError } from "../core/errors.ts";

const RANK_TIMEOUT = 300;

/** Flags of commands that several processes may share. */
export const RANK_FLAGS = {
  accum: { type: "string", value: "N", help: "passes per process and step, which divide the images of a step" },
  distributed: { type: "string", value: "NAME", help: "mpi or none (default mpi under mpirun and srun, else none)" },
  "rank-timeout": {
    type: "string",
    value: "SEC",
    help: `seconds that a rank waits for another (default ${RANK_TIMEOUT})`,
  },
} as const;

/** What these flags say. */
export interface RankOptions {
  /** Passes per rank and step; without it what the configuration says. */
  accum?: number;
  /** Whether other ranks are joined; without it where a launcher has started this process. */
  distributed?: "mpi" | "none";
  /** Seconds that a rank waits for another. */
  rankTimeout: number;
}

/**
 * Reads these flags.
 *
 * @param text values by flag
 * @param launched whether an MPI launcher has started this process
 * @throws {UserError} on values out of range, and on flags without effect
 */
export function rankOptions(text: Record<string, string | undefined>, launched: boolean): RankOptions {
  const { accum, distributed, "rank-timeout": timeout } = text, MOST = 65536;
  if (distributed !== undefined && distributed !== "mpi" && distributed !== "none") {
    throw new UserError(`Cannot use --distributed ${distributed}: want mpi or none`);
  }
  const alone = distributed === "none" || (distributed === undefined && !launched);
  forbid(alone && timeout !== undefined, "--rank-timeout", "one process; want mpirun, srun or --distributed mpi");
  return {
    ...(accum !== undefined && { accum: wholeFlag("accum", accum, 1, MOST) }),
    ...(distributed !== undefined && { distributed } as const),
    rankTimeout: numberFlag("rank-timeout", timeout ?? String(RANK_TIMEOUT), (n) => n > 0, "seconds above 0"),
  };
}
