import type { Arena } from "../core/engine/arena.ts";
import { UserError } from "../core/errors.ts";
import type { Ranks } from "../core/parallel/ranks.ts";
import { weightsHash } from "./weightsHash.ts";

/** What rank 0 says, on every rank. */
export async function fromFirst(ranks: Ranks, where: string, text: string): Promise<string> {
  if (ranks.size === 1) return text;
  const own = new TextEncoder().encode(ranks.rank === 0 ? text : "");
  const [length] = await ranks.sum(where, [own.length]);
  const floats = new Float32Array(new ArrayBuffer(4 * Math.ceil(length / 4))), bytes = new Uint8Array(floats.buffer);
  bytes.set(own);
  await ranks.broadcast(floats);
  return new TextDecoder().decode(bytes.subarray(0, length));
}

/**
 * Makes sure that something is the same on all ranks.
 *
 * @param what for the message, e.g. "weights after epoch 3"
 * @throws {UserError} on every rank on which it is not what it is on rank 0
 */
export async function sameOnAll(ranks: Ranks, what: string, text: string): Promise<void> {
  const first = await fromFirst(ranks, what, text);
  if (text === first) return;
  throw new UserError(
    `Cannot go on: ${what} is ${text} on rank ${ranks.rank} (${ranks.hosts[ranks.rank]}) and ${first} on rank 0 ` +
      `(${ranks.hosts[0]}), want the same on all ranks`,
  );
}

/** Makes sure that all ranks hold the same weights, in every bit. */
export async function sameWeights(ranks: Ranks, arena: Arena, when: string): Promise<void> {
  if (ranks.size > 1) await sameOnAll(ranks, `the hash of the weights after ${when}`, weightsHash(arena));
}
