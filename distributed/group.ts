import { setImmediate } from "node:timers";
import type { InterruptControl, StopSignal } from "../cli/interrupt.ts";
import { UserError } from "../core/errors.ts";
import type { Ranks } from "../core/parallel/ranks.ts";
import { decode, emptyMessage, encode, type Message, outcome, placeOf } from "./meeting.ts";
import type { MpiLibrary, Request } from "./mpi/library.ts";

/** Signals by the number that stands for them in messages, from 1. */
const STOPS: StopSignal[] = ["SIGINT", "SIGTERM", "SIGUSR2"];
/** Milliseconds for which a waiting rank looks again and again before it sleeps in between. */
const EAGER = 2;
/** Seconds that others give rank 0 beyond what it needs to find out who is missing. */
const MARGIN = 5;
/** Milliseconds that rank 0, once told to stop, still waits for the others before it saves its state without them. */
const GRACE = 200;

/** How a group behaves. */
export interface GroupOptions {
  /** Seconds after which a rank that does not come is given up. */
  timeout: number;
  /** What stops this process, and is told when another rank was stopped. */
  interrupt: InterruptControl;
}

/** The ranks of an MPI job. */
export class Group implements Ranks {
  /** Whether all ranks know that the run is to stop. */
  #agreed = false;
  /** Whether a meeting was left before all had come; there can be no other. */
  broken = false;
  readonly hosts: string[] = [];
  readonly processes: string[] = [];

  private constructor(
    readonly mpi: MpiLibrary,
    readonly rank: number,
    readonly size: number,
    readonly options: GroupOptions,
  ) {}

  /** Joins the other processes of the launcher, and learns who they are. */
  static async join(mpi: MpiLibrary, me: { host: string; pid: number }, options: GroupOptions): Promise<Group> {
    const { rank, size } = mpi.init(), group = new Group(mpi, rank, size, options);
    const WIDTH = 128, host = [...new TextEncoder().encode(me.host)].slice(0, WIDTH - 1);
    const table = new Float64Array(new ArrayBuffer(8 * WIDTH * size));
    table.set([me.pid, ...host], rank * WIDTH);
    await group.reduce(table);
    for (let r = 0; r < size; r++) {
      const [pid, ...name] = table.subarray(r * WIDTH, (r + 1) * WIDTH);
      const host = new TextDecoder().decode(Uint8Array.from(name.filter((byte) => byte !== 0)));
      group.hosts.push(host);
      group.processes.push(`${host}, process ${pid}`);
    }
    return group;
  }

  get library(): string {
    return this.mpi.version;
  }

  async sum(where: string, values: readonly number[] = []): Promise<number[]> {
    this.options.interrupt.signal.throwIfAborted();
    return await this.#meet(where, values, this.options.timeout);
  }

  async wait(where: string): Promise<void> {
    this.options.interrupt.signal.throwIfAborted();
    await this.#meet(where, [], Infinity);
  }

  async reduce(values: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>): Promise<void> {
    await this.#timed(this.mpi.reduce(values));
  }

  async broadcast(values: Float32Array<ArrayBuffer>): Promise<void> {
    await this.#timed(this.mpi.broadcast(values));
  }

  /**
   * Leaves the job in good order, once all ranks are ready for it.
   *
   * @param stop the signal by which this rank was told to stop; the others hear of it where they meet next
   */
  async leave(stop?: StopSignal): Promise<void> {
    if (stop && !this.#agreed) {
      await this.#meet("the stop", [], this.options.timeout, stop).catch((error) => {
        if (!this.#agreed) throw error;
      });
    }
    await this.#meet("the end of the run", [], this.options.timeout);
    this.mpi.finalize();
  }

  /** Brings values to a meeting: rank 0 hears all, adds up, and answers all. */
  async #meet(where: string, values: readonly number[], limit: number, stop?: StopSignal): Promise<number[]> {
    const own: Message = {
      place: placeOf(where),
      stop: stop ? STOPS.indexOf(stop) + 1 : 0,
      values: [...values],
    };
    const { stop: stopped, values: sums } = this.rank === 0
      ? await this.#lead(where, own, limit)
      : await this.#follow(where, own, limit);
    if (stopped !== 0) {
      this.#agreed = true;
      const { interrupt } = this.options;
      interrupt.stop(STOPS[stopped - 1]);
      throw interrupt.signal.reason;
    }
    return sums;
  }

  async #lead(where: string, own: Message, limit: number): Promise<Message> {
    const { mpi, size } = this, others = Array.from({ length: size - 1 }, (_, k) => k + 1);
    const received = others.map((rank) => mpi.receive(emptyMessage(), rank));
    const late = (ranks: number[]) => `${where}: no word from ${this.#names(ranks.map((k) => others[k]))}`;
    // Launchers tell all ranks to stop when one has died, and soon kill them: what rank 0 has to save shall not wait then.
    await this.#all(received, limit, late, GRACE);
    const result = outcome([own, ...received.map(({ buffer }) => decode(buffer))], where);
    const sent = others.map((rank) => mpi.send(encode(result), rank));
    await this.#all(sent, limit, (late) => `${where}: no answer reaches ${this.#names(late.map((k) => others[k]))}`);
    return result;
  }

  async #follow(where: string, own: Message, limit: number): Promise<Message> {
    const sent = this.mpi.send(encode(own), 0), answer = this.mpi.receive(emptyMessage(), 0);
    // Rank 0 may come as late as others may, and waits in turn for the others before it answers.
    await this.#all([sent, answer], 2 * limit + MARGIN, () => `${where}: no answer from ${this.#names([0])}`);
    return decode(answer.buffer);
  }

  /**
   * Waits until all messages have gone or come, without keeping a core busy for long.
   *
   * @param grace milliseconds after which a rank that was told to stop gives up; unless given it waits on
   */
  async #all(
    requests: readonly Request[],
    limit: number,
    late: (pending: number[]) => string,
    grace = Infinity,
  ): Promise<void> {
    const { signal } = this.options.interrupt;
    let pending = requests.map((_, k) => k), told = Infinity;
    for (const start = performance.now();;) {
      pending = pending.filter((k) => !this.mpi.test(requests[k]));
      if (pending.length === 0) return;
      const now = performance.now(), waited = now - start;
      if (signal.aborted && !this.#agreed) told = Math.min(told, now);
      if (now - told > grace) {
        this.broken = true;
        throw signal.reason;
      }
      if (waited > 1000 * limit) {
        throw new UserError(
          `Cannot go on with ${late(pending)} for ${limit} s; want it there, or --rank-timeout longer`,
        );
      }
      await new Promise<void>((resolve) => waited < EAGER ? setImmediate(resolve) : setTimeout(resolve, 1));
    }
  }

  /** Fails if others do not take part in time; it is not known who. */
  async #timed(work: Promise<void>): Promise<void> {
    const { timeout } = this.options, late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      const text = `Cannot exchange data with the other ranks: not done after ${timeout} s, though all were there`;
      late.reject(new UserError(`${text}; want all of them alive, or --rank-timeout longer`));
    }, 1000 * timeout);
    try {
      await Promise.race([work, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  #names(ranks: readonly number[]): string {
    return ranks.map((rank) => `rank ${rank} on ${this.processes[rank]}`).join(", ");
  }
}
