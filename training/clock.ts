import { loadavg } from "node:os";
import { type Epoch, stepSeconds } from "../records/schema.ts";

const NOTHING = { seconds: {}, wall: 0 };

/** Sums up seconds by name; those that are named from the start are there even if nothing is marked. */
export class Clock {
  readonly seconds: Record<string, number>;
  readonly #start = performance.now();
  readonly #steps: number[] = [];
  #ended: number;
  #last = performance.now();

  /**
   * @param before what an earlier clock had measured, which this one goes on from
   */
  constructor(names: readonly string[], readonly before: { seconds: Record<string, number>; wall: number } = NOTHING) {
    const zeros = Object.fromEntries(names.map((name) => [name, 0]));
    this.seconds = { ...zeros, ...before.seconds };
    this.#ended = stepSeconds(this.seconds);
  }

  /** Starts to measure; what went by since the last mark belongs to nothing. */
  start(): void {
    this.#last = performance.now();
  }

  /** Adds the time since the last mark to a name. */
  mark(name: string): void {
    const now = performance.now();
    this.seconds[name] = (this.seconds[name] ?? 0) + (now - this.#last) / 1000;
    this.#last = now;
  }

  /** Ends a step: what its parts have taken since the step before is its time. */
  endStep(): void {
    this.#steps.push(stepSeconds(this.seconds) - this.#ended);
    this.#ended = stepSeconds(this.seconds);
  }

  /** How the steps' times spread, and what else the machine had to do; without the load where it may not be asked for. */
  circumstances(): Pick<Epoch, "stepSpread" | "load"> {
    const sorted = this.#steps.toSorted((a, b) => a - b), load = loadOfMachine();
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))];
    return {
      ...(sorted.length > 0 && { stepSpread: { p10: at(0.1), p50: at(0.5), p90: at(0.9) } }),
      ...(load !== undefined && { load }),
    };
  }

  /** Seconds since the clock was made, and those of the clock before. */
  wall(): number {
    return this.before.wall + (performance.now() - this.#start) / 1000;
  }
}

/** Load average of the last minute; undefined where it is not known or not allowed. */
function loadOfMachine(): number | undefined {
  try {
    const [load] = loadavg();
    return Number.isFinite(load) ? load : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}
