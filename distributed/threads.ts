/** What a rank may compute on. */
export interface Cores {
  /** Of the machine. */
  all: number;
  /** That this process may use: fewer where a launcher or scheduler has bound it to some. */
  available: number;
}

/**
 * Threads of a rank's engine unless the user says otherwise: the machine's cores shared among its ranks, and no more than
 * the rank may use.
 *
 * @param hosts machine of each rank
 */
export function threadsOf(hosts: readonly string[], rank: number, { all, available }: Cores): number {
  return Math.min(available, fairShare(hosts, rank, all));
}

/** What to say where each rank is bound to one core though there are more for it: Open MPI starts two ranks so. */
export function bindingHint(hosts: readonly string[], rank: number, { all, available }: Cores): string | undefined {
  const share = fairShare(hosts, rank, all);
  if (hosts.length === 1 || available > 1 || share === 1) return undefined;
  return `each rank may use one core of ${all}, as Open MPI binds two ranks; ` +
    `where the machine is free, mpirun --bind-to none gives each ${share}`;
}

function fairShare(hosts: readonly string[], rank: number, cores: number): number {
  return Math.max(1, Math.floor(cores / hosts.filter((host) => host === hosts[rank]).length));
}
