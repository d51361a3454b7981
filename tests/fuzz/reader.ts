import process from "node:process";
import fc from "fast-check";
import { UserError } from "../../core/errors.ts";
import { inFolder } from "../reportTools.ts";

/** How a reader's inputs ended. */
export interface Tally {
  inputs: number;
  accepted: number;
  refused: number;
  /** The longest time of the processor that one input took. */
  slowestSeconds: number;
}

/** Something that reads what a stranger wrote. */
export interface FuzzReader {
  name: string;
  /** Its part of the inputs, relative to the other readers. */
  share: number;
  /** Whether a long run feeds it many inputs, whatever its share. */
  often: boolean;
  /** Feeds it inputs; throws with the smallest one that breaks the rules of `judge`. */
  run(inputs: number): Promise<Tally>;
}

/** How one reader is fed. */
export interface Feeding<T> {
  inputs: fc.Arbitrary<T>;
  /** Reads an input and checks what came of it; a broken check is an AssertionError. */
  read(input: T): unknown;
}

/** Seconds of the processor that one input may take. */
const LONGEST = 2;
/** Milliseconds after which a reader that waits for something is given up; one that computes is ended from outside. */
const SILENCE = 5000;
/** Where the inputs begin; another one gives others. */
const SEED = 20_261_121;

/**
 * Makes a reader. An input may be accepted with a right answer or refused with a UserError of printable characters;
 * anything else is a defect, and so is one that takes too long.
 *
 * @param prepare makes what feeds it; `folder` is its own, and empty
 * @param often whether a long run feeds it many inputs
 */
export function fuzzReader<T>(
  name: string,
  share: number,
  prepare: (folder: string) => Feeding<T> | Promise<Feeding<T>>,
  often = false,
): FuzzReader {
  const run = async (count: number) => {
    const tally: Tally = { inputs: 0, accepted: 0, refused: 0, slowestSeconds: 0 };
    await inFolder(async (folder) => {
      const { inputs, read } = await prepare(folder);
      const property = fc.asyncProperty(inputs, async (input) => {
        const start = process.cpuUsage(), accepted = await judge(() => read(input));
        const { user, system } = process.cpuUsage(start), seconds = (user + system) / 1e6;
        tally.inputs++;
        tally[accepted ? "accepted" : "refused"]++;
        tally.slowestSeconds = Math.max(tally.slowestSeconds, seconds);
        if (seconds > LONGEST) throw new Error(`it took ${seconds.toFixed(1)} s, want at most ${LONGEST} s`);
      });
      await fc.assert(property, { numRuns: count, seed: SEED });
    });
    return tally;
  };
  return { name, share, often, run };
}

/** Whether an input was accepted; throws what no reader may throw. */
async function judge(read: () => unknown): Promise<boolean> {
  const { promise: silence, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`it gave no answer for ${SILENCE / 1000} s`)), SILENCE);
  try {
    await Promise.race([read(), silence]);
    return true;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const stray = [...error.message].find((char) => char < " " && char !== "\n" || char >= "\x7f" && char < "\xa0");
    if (stray !== undefined) throw new Error(`the message holds ${JSON.stringify(stray)}: ${error.message}`);
    return false;
  } finally {
    clearTimeout(timer);
  }
}
