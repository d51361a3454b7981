import { UserError } from "../core/errors.ts";

/** MPI implementations by the form of their handles; both names stand for all libraries that share the form. */
export type Family = "Open MPI" | "MPICH";

/** What a launcher says of the process that it has started. */
export interface Launch {
  family: Family;
  rank: number;
  size: number;
}

/** Variables of the environment that launchers set: Open MPI's, those of MPICH and Slurm's pmi2, and Slurm's pmix. */
export const LAUNCH_VARIABLES = [
  "OMPI_COMM_WORLD_RANK",
  "OMPI_COMM_WORLD_SIZE",
  "PMI_RANK",
  "PMI_SIZE",
  "PMIX_RANK",
  "SLURM_STEP_NUM_TASKS",
] as const;
type Variable = typeof LAUNCH_VARIABLES[number];

/**
 * Finds out whether an MPI launcher has started this process as one of several. A launcher that starts one process, as
 * `srun --pty bash` does, makes no parallel job.
 *
 * @param get reads a variable of the environment
 * @throws {UserError} when it is one of several tasks of a Slurm step that was started without MPI: they would each do all
 */
export function detectLaunch(get: (name: Variable) => string | undefined): Launch | undefined {
  const number = (name: Variable) => {
    const text = get(name);
    return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
  };
  const launch = (family: Family, rank?: number, size?: number) =>
    rank !== undefined && size !== undefined && size > 1 && rank < size ? { family, rank, size } : undefined;
  const tasks = number("SLURM_STEP_NUM_TASKS");
  const found = launch("Open MPI", number("OMPI_COMM_WORLD_RANK"), number("OMPI_COMM_WORLD_SIZE")) ??
    launch("MPICH", number("PMI_RANK"), number("PMI_SIZE")) ?? launch("Open MPI", number("PMIX_RANK"), tasks);
  if (!found && tasks !== undefined && tasks > 1) {
    throw new UserError(
      `Cannot share a run among ${tasks} tasks of a Slurm step: they were started without MPI, ` +
        "want srun --mpi=pmi2 (MPICH), srun --mpi=pmix (Open MPI) or mpirun",
    );
  }
  return found;
}
