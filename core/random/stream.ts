import { philoxInto } from "./philox.ts";

/** What a random number is drawn for. Streams of different purposes are independent of each other. */
export type Purpose =
  | "init"
  | "shuffle"
  | "augment"
  | "mask"
  | "dropPath"
  | "mixup"
  | "subset"
  | "procedural"
  | "tokenizer"
  | "test";

/** A stream of random numbers; every draw advances it. */
export interface Random {
  /** The next unsigned 32-bit integer. */
  uint32(): number;
  /** Uniform in [0, 1) with 53 random bits. */
  uniform(): number;
  /** Uniform integer in [0, n), without modulo bias. */
  integer(n: number): number;
  /** Standard normal (Box-Muller). */
  normal(): number;
  /** Gamma with the given shape and scale 1 (Marsaglia and Tsang 2000). */
  gamma(shape: number): number;
  /** Beta(a, b), as the ratio of two gammas. */
  beta(a: number, b: number): number;
  /** A uniformly random order of 0 … n-1 (Fisher-Yates). */
  permutation(n: number): Int32Array;
  /** Puts k of the numbers that stand in a list between two places in front of the others there, in random order. */
  shuffle(list: Int32Array, from: number, to: number, k: number): void;
  /** A random order of 0 … n-1 of which the first k alone are drawn: those in random order, then the others in any. */
  choice(n: number, k: number): Int32Array;
}

/** Words that Philox gives at a time. */
const WORDS = 4;
/** A smaller shape draws as this one does: a logarithm over it is still a number. */
const LEAST_SHAPE = 1e-300;

/** 32-bit FNV-1a hash of a purpose, used as the second key word. */
function hashPurpose(purpose: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < purpose.length; i++) hash = Math.imul(hash ^ purpose.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

function ascending(n: number): Int32Array {
  const order = new Int32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  return order;
}

function swap(order: Int32Array, i: number, j: number): void {
  const value = order[i];
  order[i] = order[j];
  order[j] = value;
}

/**
 * The named random stream of (seed, purpose, position).
 *
 * A stream is found by its name, never by how much was drawn before it: the mask of step 812 is the same whether the run
 * got there in one go or was resumed. At most three position words, e.g. (epoch, index) or a step.
 *
 * @param seed the run's seed, an integer in [0, 2^32)
 * @param purpose what the numbers are for
 * @param position up to three unsigned 32-bit integers, e.g. epoch and sample index
 */
export function randomStream(seed: number, purpose: Purpose, ...position: number[]): Random {
  if (position.length > 3) throw new RangeError(`Cannot name a stream by ${position.length} positions: at most 3 fit`);
  const key1 = hashPurpose(purpose);
  const place0 = position[0] ?? 0, place1 = position[1] ?? 0, place2 = position[2] ?? 0;
  // Halves make it a list of doubles from the start; small numbers first, large ones later cost a copy each time.
  const words = [0.5, 0.5, 0.5, 0.5];
  let block = 0, used = WORDS;
  let spareNormal: number | undefined;

  function uint32(): number {
    if (used === WORDS) {
      philoxInto(words, block++, place0, place1, place2, seed, key1);
      used = 0;
    }
    return words[used++];
  }
  function uniform(): number {
    return ((uint32() >>> 5) * 67108864 + (uint32() >>> 6)) / 9007199254740992;
  }
  /** Uniform below n, which is less than 2^32; words behind the largest multiple of n are thrown away. */
  function below(n: number): number {
    for (;;) {
      const word = uint32(), rest = (word >>> 0) % (n >>> 0);
      if (word - rest <= 0x100000000 - n) return rest;
    }
  }
  function integer(n: number): number {
    if (!(n >= 1 && n <= 0x100000000)) throw new RangeError(`Cannot draw an integer below ${n}: want 1 … 2^32`);
    return n === 0x100000000 ? uint32() : below(n);
  }
  function normal(): number {
    if (spareNormal !== undefined) {
      const value = spareNormal;
      spareNormal = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform())), angle = 2 * Math.PI * uniform();
    spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
  function gamma(shape: number): number {
    if (shape < 1) return smallGamma(shape).value;
    const d = shape - 1 / 3, c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = normal(), v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  }
  /** A gamma of a shape below 1, and its logarithm, which is finite where the value is too small for a number. */
  function smallGamma(shape: number): { value: number; log: number } {
    const more = gamma(shape + 1), u = 1 - uniform();
    return { value: more * Math.pow(u, 1 / shape), log: Math.log(more) + Math.log(u) / Math.max(shape, LEAST_SHAPE) };
  }
  function beta(a: number, b: number): number {
    const draw = (shape: number) => {
      if (shape < 1) return smallGamma(shape);
      const value = gamma(shape);
      return { value, log: Math.log(value) };
    };
    const x = draw(a), y = draw(b), sum = x.value + y.value;
    return sum > 0 && sum < Infinity ? x.value / sum : 1 / (1 + Math.exp(y.log - x.log));
  }
  function permutation(n: number): Int32Array {
    const order = ascending(n);
    for (let i = n - 1; i > 0; i--) swap(order, i, below(i + 1));
    return order;
  }
  function shuffle(list: Int32Array, from: number, to: number, k: number): void {
    // What `below` does, in whole numbers that are known to be small: a call of it for each would take twice the time.
    for (let i = from; i < from + k;) {
      const n = to - i, word = uint32(), rest = ((word >>> 0) % (n >>> 0)) | 0;
      if (word - rest > 0x100000000 - n) continue;
      swap(list, i, i + rest);
      i++;
    }
  }
  function choice(n: number, k: number): Int32Array {
    const order = ascending(n);
    shuffle(order, 0, n, k);
    return order;
  }
  return { uint32, uniform, integer, normal, gamma, beta, permutation, shuffle, choice };
}
