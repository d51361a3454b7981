import { setImmediate } from "node:timers";
import { UserError } from "../core/errors.ts";
import { decode, emptyMessage, encode, type Message, outcome } from "./meeting.ts";
import type { MpiLibrary, Request } from "./mpi/library.ts";

/** Milliseconds for which a waiting rank looks again and again before it sleeps in between. */
const EAGER = 2;
/** Seconds that others give rank 0 beyond what it needs to find out who is missing. */
const MARGIN = 5;
/** Milliseconds in which ranks have to answer when a sum does not end. */
const ROLL_CALL = 1000;

/** What ends the wait for others. */
export interface Patience {
  /** Seconds. */
  limit: number;
  /** Whether rank 0 goes without the others; asked again and again. */
  giveUp(): boolean;
}

/** Messages between the ranks, through rank 0, which therefore knows who is missing. */
export class Messenger {
  /** Host and process number of each rank. */
  readonly processes: string[] = [];
  readonly #others: number[];

  /**
   * @param concurrent whether messages may be exchanged while a sum is under way
   */
  constructor(readonly mpi: MpiLibrary, readonly rank: number, size: number, readonly concurrent: boolean) {
    this.#others = Array.from({ length: size - 1 }, (_, k) => k + 1);
  }

  /**
   * Brings a message to a meeting of all ranks: rank 0 hears all, adds up, and answers all.
   *
   * @returns what it comes to; nothing where rank 0 has given up
   * @throws {UserError} when others do not come in time, naming them
   */
  async meet(where: string, own: Message, patience: Patience): Promise<Message | undefined> {
    return await (this.rank === 0 ? this.#lead(where, own, patience) : this.#follow(where, own, patience));
  }

  async #lead(where: string, own: Message, { limit, giveUp }: Patience): Promise<Message | undefined> {
    const { mpi } = this, others = this.#others;
    const received = others.map((rank) => mpi.receive(emptyMessage(), rank, "meeting"));
    const missing = (ranks: number[]) => `${where}: no word from ${this.#names(ranks.map((k) => others[k]))}`;
    if (!await this.#all(received, limit, missing, giveUp)) return undefined;
    const result = outcome([own, ...received.map(({ buffer }) => decode(buffer))], where);
    const sent = others.map((rank) => mpi.send(encode(result), rank, "meeting"));
    await this.#all(sent, limit, (ranks) => `${where}: no answer reaches ${this.#names(ranks.map((k) => others[k]))}`);
    return result;
  }

  async #follow(where: string, own: Message, { limit }: Patience): Promise<Message> {
    const sent = this.mpi.send(encode(own), 0, "meeting"), answer = this.mpi.receive(emptyMessage(), 0, "meeting");
    // Rank 0 may come as late as others may, and waits in turn for the others before it answers.
    await this.#all([sent, answer], 2 * limit + MARGIN, () => `${where}: no answer from ${this.#names([0])}`);
    return decode(answer.buffer);
  }

  /** Who is still alive while a sum does not end. */
  async rollCall(): Promise<string> {
    const { mpi } = this, pause = (time: number) => new Promise((resolve) => setTimeout(resolve, time));
    if (!this.concurrent) return "this MPI cannot tell who is missing";
    if (this.rank !== 0) {
      mpi.send(emptyMessage(), 0, "alive");
      await pause(2 * ROLL_CALL); // rank 0 ends the job meanwhile, if it can
      return `no answer from ${this.#names([0])}`;
    }
    const answers = this.#others.map((rank) => mpi.receive(emptyMessage(), rank, "alive"));
    await pause(ROLL_CALL);
    const silent = this.#others.filter((_, k) => !mpi.test(answers[k]));
    return silent.length > 0 ? `no word from ${this.#names(silent)}` : "all of them answer, so the network may be slow";
  }

  /** Waits until all messages have gone or come, without keeping a core busy for long; false where it has given up. */
  async #all(
    requests: readonly Request[],
    limit: number,
    late: (pending: number[]) => string,
    giveUp = () => false,
  ): Promise<boolean> {
    let pending = requests.map((_, k) => k);
    for (const start = performance.now();;) {
      pending = pending.filter((k) => !this.mpi.test(requests[k]));
      if (pending.length === 0) return true;
      if (giveUp()) return false;
      const waited = performance.now() - start;
      if (waited > 1000 * limit) {
        throw new UserError(
          `Cannot go on with ${late(pending)} for ${limit} s; want it there, or --rank-timeout longer`,
        );
      }
      await new Promise<void>((resolve) => waited < EAGER ? setImmediate(resolve) : setTimeout(resolve, 1));
    }
  }

  #names(ranks: readonly number[]): string {
    return ranks.map((rank) => `rank ${rank} on ${this.processes[rank]}`).join(", ");
  }
}
