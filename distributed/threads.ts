/**
 * Threads of a rank's engine unless the user says otherwise: the machine's cores shared among its ranks, and no more than
 * the launcher has bound the rank to.
 *
 * @param hosts machine of each rank
 * @param cores of the machine
 * @param available cores that this process may use
 */
export function threadsOf(hosts: readonly string[], rank: number, cores: number, available: number): number {
  const neighbours = hosts.filter((host) => host === hosts[rank]).length;
  return Math.min(available, Math.max(1, Math.floor(cores / neighbours)));
}
