import { MOST_VALUES, type Ranks } from "../core/parallel/ranks.ts";

type Numbers = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** What a rank does with the others: on its own the work would be that of one process. */
export type RankWork<T> = (ranks: Ranks, stop: AbortController) => Promise<T>;

/** A rank that waits at a meeting, and what it has brought. */
interface Arrival {
  what: string;
  values: Numbers;
  met: PromiseWithResolvers<Numbers>;
}

/** Thrown where others wait for a rank whose work has ended: an echo of what happened there. */
class RankGone extends Error {
  override name = "RankGone";
}

/**
 * Does work on so many ranks of one process, which take turns wherever one waits. As with MPI, a rank that is stopped
 * stops the others where they meet next; one that ends out of turn makes the others fail.
 *
 * @param work is given the rank's view of all, and what stops this rank; its signal is the monitor's
 */
export async function settleOnRanks<T>(size: number, work: RankWork<T>): Promise<PromiseSettledResult<T>[]> {
  const room = new Room(size);
  return await Promise.allSettled(room.stops.map(async (stop, rank) => {
    try {
      return await work(new InProcess(room, rank, size), stop);
    } catch (error) {
      room.leave(rank, error);
      throw error;
    } finally {
      room.leave(rank);
    }
  }));
}

/** Does work on so many ranks of one process; throws the first error that is not about another rank's. */
export async function onRanks<T>(size: number, work: RankWork<T>): Promise<T[]> {
  const settled = await settleOnRanks(size, work);
  const failed = settled.filter((each) => each.status === "rejected").map(({ reason }) => reason);
  if (failed.length > 0) throw failed.find((error) => !(error instanceof RankGone)) ?? failed[0];
  return settled.flatMap((each) => each.status === "fulfilled" ? [each.value] : []);
}

/** Sums in the order of the ranks, in the precision of the first rank's numbers. */
export function sumInOrder([first, ...others]: readonly Numbers[]): Numbers {
  const sums = first.slice();
  for (const values of others) values.forEach((value, i) => sums[i] += value);
  return sums;
}

/** Where ranks wait for one another. */
class Room {
  readonly stops: AbortController[];
  #here = new Map<number, Arrival>();
  #gone: Error | undefined;
  #stopped: { reason: unknown } | undefined;

  constructor(readonly size: number) {
    this.stops = Array.from({ length: size }, () => new AbortController());
  }

  /** Waits for all ranks; what they brought comes to the same result on each. */
  async meet(rank: number, what: string, values: Numbers, outcome: (all: Numbers[]) => Numbers): Promise<Numbers> {
    const met = Promise.withResolvers<Numbers>();
    this.#here.set(rank, { what, values, met });
    if (this.#stopped || this.#gone) this.#turnAway();
    else if (this.#here.size === this.size) this.#conclude(outcome);
    return await met.promise;
  }

  leave(rank: number, error?: unknown): void {
    const { signal } = this.stops[rank];
    if (signal.aborted && error === signal.reason) this.#stopped ??= { reason: error };
    this.#gone ??= new RankGone(`rank ${rank} has ended${error instanceof Error ? `: ${error.message}` : ""}`);
    this.#turnAway();
  }

  #conclude(outcome: (all: Numbers[]) => Numbers): void {
    const all = this.stops.map((_, rank) => this.#here.get(rank)!), [first] = all;
    this.#here.clear();
    const other = all.findIndex(({ what, values }) => what !== first.what || values.length !== first.values.length);
    if (other >= 0) {
      const error = new RangeError(`rank 0 is at ${first.what}, rank ${other} at ${all[other].what}`);
      return all.forEach(({ met }) => met.reject(error));
    }
    const result = outcome(all.map(({ values }) => values));
    for (const { met } of all) met.resolve(result);
  }

  #turnAway(): void {
    for (const [rank, { met }] of this.#here) {
      if (this.#stopped) this.stops[rank].abort(this.#stopped.reason);
      met.reject(this.#stopped ? this.#stopped.reason : this.#gone);
    }
    this.#here.clear();
  }
}

/** One of several ranks in one process. */
class InProcess implements Ranks {
  readonly hosts: readonly string[];
  readonly processes: readonly string[];
  readonly library = "one process";

  constructor(readonly room: Room, readonly rank: number, readonly size: number) {
    this.hosts = Array.from({ length: size }, (_, k) => `host${k}`);
    this.processes = this.hosts.map((host, k) => `${host}, process ${k}`);
  }

  async sum(where: string, values: readonly number[] = []): Promise<number[]> {
    if (values.length > MOST_VALUES) throw new RangeError(`${where}: ${values.length} values are too many`);
    this.room.stops[this.rank].signal.throwIfAborted();
    return [...await this.room.meet(this.rank, where, Float64Array.from(values), sumInOrder)];
  }

  async wait(where: string): Promise<void> {
    await this.sum(where);
  }

  async reduce(values: Numbers): Promise<void> {
    values.set(await this.room.meet(this.rank, `a sum of ${values.length} numbers`, values, sumInOrder));
  }

  async broadcast(values: Float32Array<ArrayBuffer>): Promise<void> {
    const what = `a broadcast of ${values.length} numbers`;
    values.set(await this.room.meet(this.rank, what, values, ([first]) => first.slice()));
  }
}
