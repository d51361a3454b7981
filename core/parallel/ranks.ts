/** The processes of one run, as one of them sees them. Every function is called by all ranks, in the same order. */
export interface Ranks {
  /** Number of this process, from 0. */
  readonly rank: number;
  /** Number of processes. */
  readonly size: number;
  /** The machine of each rank. */
  readonly hosts: readonly string[];
  /** Host and process number of each rank, as a launcher names them. */
  readonly processes: readonly string[];
  /** What carries the messages, e.g. "Open MPI 4.1.4". */
  readonly library: string;
  /**
   * Waits for all ranks, and adds up what each brings, in the order of the ranks.
   *
   * @param where what the run is about to do; the same on all ranks
   * @param values as many on all ranks, at most {@link MOST_VALUES}
   * @returns the sums, the same on all ranks
   * @throws when one of them was told to stop
   */
  sum(where: string, values?: readonly number[]): Promise<number[]>;
  /** Waits for all ranks, however long that takes: to do what may last on one of them, such as opening images. */
  wait(where: string): Promise<void>;
  /** Adds up an array over all ranks, in place; comes right after a `sum`, so that all are there. */
  reduce(values: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>): Promise<void>;
  /** Gives all ranks what rank 0 has, in place; comes right after a `sum`, so that all are there. */
  broadcast(values: Float32Array<ArrayBuffer>): Promise<void>;
}

/** Numbers that one `sum` takes. */
export const MOST_VALUES = 30;

/** The one process of a run that is not shared. */
export const ALONE: Ranks = {
  rank: 0,
  size: 1,
  hosts: [""],
  processes: [""],
  library: "",
  sum: (_, values = []) => Promise.resolve([...values]),
  wait: () => Promise.resolve(),
  reduce: () => Promise.resolve(),
  broadcast: () => Promise.resolve(),
};
