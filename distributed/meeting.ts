import { MOST_VALUES } from "../core/parallel/ranks.ts";

/** What a rank brings to a meeting, or gets from it. */
export interface Message {
  /** Stands for what the run is about to do. */
  place: number;
  /** Number of the signal by which the rank was told to stop; 0: go on. */
  stop: number;
  values: number[];
}

/** Every message has the same length, so that a rank that stops needs not know what the others are about to add up. */
const HEAD = 3, LENGTH = HEAD + MOST_VALUES;

/** An empty message; its memory does not move while MPI writes to it. */
export function emptyMessage(): Float64Array<ArrayBuffer> {
  return new Float64Array(new ArrayBuffer(8 * LENGTH));
}

/** Writes a message down. */
export function encode({ place, stop, values }: Message): Float64Array<ArrayBuffer> {
  if (values.length > MOST_VALUES) {
    throw new RangeError(`Cannot add up ${values.length} values: want at most ${MOST_VALUES}`);
  }
  const message = emptyMessage();
  message.set([place, stop, values.length, ...values]);
  return message;
}

/** Reads a message. */
export function decode([place, stop, count, ...values]: Float64Array): Message {
  return { place, stop, values: values.slice(0, count) };
}

/** A number for a text (FNV-1a, 32 bits). */
export function placeOf(where: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(where)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/**
 * What a meeting comes to: sums in the order of ranks, and the first stop that any rank brought.
 *
 * @param messages of all ranks
 * @param where what rank 0 is about to do
 * @throws {RangeError} when ranks are about to do different things, which is a mistake in the program
 */
export function outcome(messages: readonly Message[], where: string): Message {
  const [{ place, values: first }] = messages, stop = messages.find((message) => message.stop !== 0)?.stop ?? 0;
  if (stop !== 0) return { place, stop, values: [] };
  const other = messages.findIndex((message) => message.place !== place || message.values.length !== first.length);
  if (other >= 0) throw new RangeError(`Cannot go on with ${where}: rank ${other} is about to do something else`);
  const values = first.map((_, k) =>
    messages.reduce((sum, { values }, rank) => rank === 0 ? values[k] : sum + values[k], 0)
  );
  return { place, stop, values };
}
