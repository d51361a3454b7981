import { type Bucket, BUCKET_BYTES, bucketsOf } from "../core/parallel/buckets.ts";
import type { Ranks } from "../core/parallel/ranks.ts";
import type { Optimizer, Update } from "../core/optim/optimizer.ts";
import type { Arena } from "../core/engine/arena.ts";
import type { Clock } from "./clock.ts";

/** The last part of an optimiser step: gradients are summed over the ranks, and every rank updates its weights by them. */
export class Exchange {
  /**
   * @param limit bytes of a bucket; see `bucketsOf`. Unless given there are several where ranks have a network between them:
   *   on one machine messages are copied by the cores that the optimiser needs, and waiting for one bucket after the other is slower.
   *   There is one where the optimiser wants all tensors at once.
   */
  constructor(
    readonly ranks: Ranks,
    readonly arena: Arena,
    readonly optimizer: Optimizer,
    readonly limit = new Set(ranks.hosts).size > 1 && !optimizer.isWhole ? BUCKET_BYTES : Infinity,
  ) {}

  /**
   * Updates the named tensors. With several ranks the gradients come in buckets: while one is updated, the next is on its
   * way. What is frozen is not named, hence not sent.
   *
   * @param step number of this update over the whole run, from 1
   * @param clock its mark "exchange" gets the time in which nothing but the exchange went on
   * @returns bytes of gradients that this rank has handed over
   */
  async update(updates: readonly Update[], step: number, clock: Clock): Promise<number> {
    const { ranks, arena, optimizer, limit } = this;
    if (ranks.size === 1) {
      optimizer.update(updates, step);
      optimizer.wait();
      clock.mark("optimizer");
      return 0;
    }
    optimizer.lend();
    const source = optimizer.source;
    const place = ({ name }: Update) => ({ offset: arena.address(name, source), floats: arena.padded(name) });
    const buckets = bucketsOf(updates, place, limit);
    if (buckets.length === 0) return 0;
    let bytes = 0, coming = this.#reduce(buckets[0]);
    for (const [k, { items }] of buckets.entries()) {
      bytes += await coming;
      clock.mark("exchange");
      if (k + 1 < buckets.length) {
        coming = this.#reduce(buckets[k + 1]);
        coming.catch(() => {}); // reported when its turn comes
      }
      optimizer.update(items, step);
      optimizer.wait();
      clock.mark("optimizer");
    }
    return bytes;
  }

  async #reduce({ stretches }: Bucket<Update>): Promise<number> {
    let bytes = 0;
    for (const { offset, floats } of stretches) {
      await this.ranks.reduce(this.arena.stretch(offset, floats));
      bytes += 4 * floats;
    }
    return bytes;
  }
}
