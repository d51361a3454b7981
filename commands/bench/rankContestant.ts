import type { Ranks } from "../../core/parallel/ranks.ts";
import type { Contestant, Repetition } from "./race.ts";

/** Parts that repetitions of ranks may have. */
const PARTS = ["hog", "step", "exchange", "optimizer"];

/** One repetition of all ranks: the seconds until the last is done, and the mean of each part. */
export function together(repetitions: readonly Repetition[]): Repetition {
  const mean = (part: string) => repetitions.reduce((sum, { parts }) => sum + parts[part], 0) / repetitions.length;
  return {
    seconds: Math.max(...repetitions.map(({ seconds }) => seconds)),
    parts: Object.fromEntries(Object.keys(repetitions[0].parts).map((part) => [part, mean(part)])),
  };
}

/**
 * Something that ranks begin at the same time, to be timed in turn with other such things; each learns what all took.
 *
 * @param workers how many ranks do it, from rank 0 on; the others wait meanwhile
 */
export function rankContestant(
  ranks: Ranks,
  name: string,
  once: () => Promise<Repetition>,
  workers = ranks.size,
): Contestant {
  return {
    name,
    async once() {
      await ranks.wait(`start of ${name}`);
      const table = new Array<number>(workers * (1 + PARTS.length)).fill(0);
      if (ranks.rank < workers) {
        const { seconds, parts } = await once(), own = [seconds, ...PARTS.map((part) => parts[part] ?? 0)];
        own.forEach((value, k) => table[ranks.rank * own.length + k] = value);
      }
      const all = await ranks.sum(`end of ${name}`, table);
      return together(Array.from({ length: workers }, (_, rank) => {
        const [seconds, ...parts] = all.slice(rank * (1 + PARTS.length));
        return { seconds, parts: Object.fromEntries(PARTS.map((part, k) => [part, parts[k]])) };
      }));
    },
  };
}
