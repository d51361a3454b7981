import { type Quantity, quantity } from "../check.ts";
import type { Trainee } from "./trainee.ts";

/** What is frozen of a net, as it was when it froze. */
export class Frozen {
  readonly #kept = new Map<string, Float32Array[]>();

  constructor(readonly trainee: Trainee) {}

  /** Remembers what lies below a layer, if it does not yet. */
  keep(firstLive: number): void {
    for (const name of this.trainee.below(firstLive)) {
      if (!this.#kept.has(name)) this.#kept.set(name, this.#now(name).map((values) => values.slice()));
    }
  }

  /** How many values, moments among them, have changed a bit since. */
  quantity(variant: string): Quantity {
    const bits = (values: Float32Array) => new Uint32Array(values.buffer, values.byteOffset, values.length);
    let changed = 0, count = 0;
    for (const [name, kept] of this.#kept) {
      this.#now(name).forEach((values, i) => {
        const before = bits(kept[i]);
        changed += bits(values).filter((now, k) => now !== before[k]).length;
        count += values.length;
      });
    }
    return quantity(`${variant}: frozen values that change`, changed, 0, `of ${count}, moments among them`);
  }

  #now(name: string): Float32Array[] {
    const { arena } = this.trainee;
    return [arena.view(name), arena.view(name, "moment1"), arena.view(name, "moment2")];
  }
}
