import type { InterruptControl, StopSignal } from "../cli/interrupt.ts";
import { UserError } from "../core/errors.ts";
import type { Ranks } from "../core/parallel/ranks.ts";
import { placeOf } from "./meeting.ts";
import { Messenger } from "./messenger.ts";
import type { MpiLibrary } from "./mpi/library.ts";

/** Signals by the number that stands for them in messages, from 1. */
const STOPS: StopSignal[] = ["SIGINT", "SIGTERM", "SIGUSR2", "SIGHUP", "SIGUSR1", "SIGXCPU"];
/** Milliseconds that rank 0, once told to stop, still waits for the others before it saves its state without them. */
const GRACE = 200;

/** How a group behaves. */
export interface GroupOptions {
  /** Seconds after which a rank that does not come is given up. */
  timeout: number;
  /** What stops this process, and is told when another rank was stopped. */
  interrupt: InterruptControl;
}

/** What a process knows of itself when it joins. */
export interface Me {
  rank: number;
  size: number;
  /** Whether messages may be exchanged while a sum is under way. */
  concurrent: boolean;
  host: string;
  pid: number;
}

/** The ranks of an MPI job. */
export class Group implements Ranks {
  /** Whether all ranks know that the run is to stop. */
  #agreed = false;
  /** Whether a meeting was left before all had come; there can be no other. */
  broken = false;
  readonly hosts: string[] = [];
  readonly #messenger: Messenger;

  private constructor(
    readonly mpi: MpiLibrary,
    readonly rank: number,
    readonly size: number,
    readonly options: GroupOptions,
    concurrent: boolean,
  ) {
    this.#messenger = new Messenger(mpi, rank, size, concurrent);
  }

  /**
   * The ranks that MPI has brought together; they tell each other who they are.
   *
   * @param me what this process knows of itself
   */
  static async create(mpi: MpiLibrary, me: Me, options: GroupOptions): Promise<Group> {
    const { rank, size, concurrent } = me, group = new Group(mpi, rank, size, options, concurrent);
    const WIDTH = 128, host = [...new TextEncoder().encode(me.host)].slice(0, WIDTH - 1);
    const table = new Float64Array(new ArrayBuffer(8 * WIDTH * size));
    table.set([me.pid, ...host], rank * WIDTH);
    await group.reduce(table);
    for (let r = 0; r < size; r++) {
      const [pid, ...name] = table.subarray(r * WIDTH, (r + 1) * WIDTH);
      const host = new TextDecoder().decode(Uint8Array.from(name.filter((byte) => byte !== 0)));
      group.hosts.push(host);
      group.#messenger.processes.push(`${host}, process ${pid}`);
    }
    return group;
  }

  get library(): string {
    return this.mpi.version;
  }

  get processes(): readonly string[] {
    return this.#messenger.processes;
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

  async #meet(where: string, values: readonly number[], limit: number, stop?: StopSignal): Promise<number[]> {
    const { interrupt } = this.options, own = stop ? STOPS.indexOf(stop) + 1 : 0;
    let told = Infinity;
    // Launchers tell all ranks to stop when one has died, and soon kill them: what rank 0 has to save shall not wait then.
    const giveUp = () => {
      const now = performance.now();
      if (interrupt.signal.aborted && !this.#agreed && !stop) told = Math.min(told, now);
      return now - told > GRACE;
    };
    const message = { place: placeOf(where), stop: own, values: [...values] };
    const result = await this.#messenger.meet(where, message, { limit, giveUp });
    if (!result) {
      this.broken = true;
      throw interrupt.signal.reason;
    }
    if (result.stop !== 0) {
      this.#agreed = true;
      interrupt.stop(STOPS[result.stop - 1]);
      throw interrupt.signal.reason;
    }
    return result.values;
  }

  /** Fails if others do not take part in time, and finds out who. */
  async #timed(work: Promise<void>): Promise<void> {
    const { timeout } = this.options, late = Promise.withResolvers<"late">();
    const timer = setTimeout(() => late.resolve("late"), 1000 * timeout);
    try {
      if (await Promise.race([work, late.promise]) !== "late") return;
    } finally {
      clearTimeout(timer);
    }
    const text = `Cannot exchange data with the other ranks: not done after ${timeout} s, though all had come; `;
    throw new UserError(`${text}${await this.#messenger.rollCall()}; want all alive, or --rank-timeout longer`);
  }
}
