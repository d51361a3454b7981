const NOTHING = { seconds: {}, wall: 0 };

/** Sums up seconds by name; those that are named from the start are there even if nothing is marked. */
export class Clock {
  readonly seconds: Record<string, number>;
  readonly #start = performance.now();
  #last = performance.now();

  /**
   * @param before what an earlier clock had measured, which this one goes on from
   */
  constructor(names: readonly string[], readonly before: { seconds: Record<string, number>; wall: number } = NOTHING) {
    const zeros = Object.fromEntries(names.map((name) => [name, 0]));
    this.seconds = { ...zeros, ...before.seconds };
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

  /** Seconds since the clock was made, and those of the clock before. */
  wall(): number {
    return this.before.wall + (performance.now() - this.#start) / 1000;
  }
}
