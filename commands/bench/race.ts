/** One thing that is timed in turn with others. */
export interface Contestant {
  name: string;
  /** Does one repetition; gives its seconds, and those of its parts where it has any. */
  once(): Promise<Repetition>;
}

/** What one repetition took, in seconds. */
export interface Repetition {
  seconds: number;
  parts: Record<string, number>;
}

/** The repetitions of one contestant. */
export interface Timed {
  name: string;
  /** The race they were timed in; only times of one race may be compared. */
  race: symbol;
  repetitions: Repetition[];
}

/** How often contestants run. */
export interface Rounds {
  /** Repetitions of each that are thrown away first. */
  warmup: number;
  kept: number;
}

/**
 * Runs the contestants in turn, round by round; each round begins with another one. What slows the machine down for a
 * while then slows down all of them.
 *
 * @param pause is awaited before every repetition, so that Ctrl-C is heard
 */
export async function race(
  contestants: readonly Contestant[],
  { warmup, kept }: Rounds,
  pause: () => Promise<void>,
): Promise<Timed[]> {
  const id = Symbol("race");
  const timed = contestants.map(({ name }): Timed => ({ name, race: id, repetitions: [] }));
  for (let round = 0; round < warmup + kept; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const k = (round + turn) % contestants.length;
      await pause();
      const repetition = await contestants[k].once();
      if (round >= warmup) timed[k].repetitions.push(repetition);
    }
  }
  return timed;
}

/** A contestant that does `run` on this thread. */
export function contestant(name: string, run: () => Promise<void> | void): Contestant {
  return {
    name,
    async once() {
      const start = performance.now();
      await run();
      return { seconds: (performance.now() - start) / 1000, parts: {} };
    },
  };
}
