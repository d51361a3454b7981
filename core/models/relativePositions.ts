import * as tf from "@tensorflow/tfjs-core";
import { type Gradient, withGradient } from "../engine/fusedKernel.ts";
import type { ModelParameter } from "./parameters.ts";

/** Entries of a table of relative positions: every offset of two patches, and three of the class token where there is one. */
export function relativeEntries(grid: number, classTokens: 0 | 1 = 1): number {
  return (2 * grid - 1) ** 2 + 3 * classTokens;
}

/** A table of biases, zero at the start: one number an entry and head. */
export function biasTable(name: string, grid: number, heads: number): ModelParameter {
  return { name, shape: [relativeEntries(grid), heads], init: { kind: "constant", value: 0 } };
}

/**
 * The entry of each pair of tokens, class token first (BEiT): offsets of patches by row and column, then class token to patch, patch
 * to class token, class token to itself.
 *
 * @param grid patches per side
 * @returns [T * T] with T = grid^2 + 1, or without class token grid^2 (windows of Swin)
 */
export function relativeIndex(grid: number, classTokens: 0 | 1 = 1): Int32Array {
  const tokens = grid * grid + classTokens, entries = relativeEntries(grid, classTokens);
  const index = new Int32Array(tokens * tokens);
  for (let a = 0; a < tokens; a++) {
    for (let b = 0; b < tokens; b++) {
      const [i, j] = [a - classTokens, b - classTokens];
      const row = Math.floor(i / grid) - Math.floor(j / grid) + grid - 1, column = i % grid - j % grid + grid - 1;
      index[a * tokens + b] = i >= 0 && j >= 0
        ? row * (2 * grid - 1) + column
        : i < 0 && j < 0
        ? entries - 1
        : i < 0
        ? entries - 3
        : entries - 2;
    }
  }
  return index;
}

/** For every entry the pairs that have it, each list filled up to the longest with a place behind the pairs. */
function pairsByEntry(index: Int32Array, entries: number): { pairs: Int32Array; longest: number } {
  const lists = Array.from({ length: entries }, (): number[] => []);
  index.forEach((entry, pair) => lists[entry].push(pair));
  const longest = Math.max(...lists.map(({ length }) => length));
  const pairs = new Int32Array(entries * longest).fill(index.length);
  lists.forEach((list, entry) => pairs.set(list, entry * longest));
  return { pairs, longest };
}

/**
 * Biases of attention by relative position: [entries, H] to [H, T, T]. Its gradient is a gather and a sum, so that no order of
 * additions hangs on threads.
 *
 * @param table learned, one number an entry and head
 * @param grid patches per side
 */
export function relativeBias(table: tf.Tensor, grid: number, classTokens: 0 | 1 = 1): tf.Tensor {
  const tokens = grid * grid + classTokens, entries = relativeEntries(grid, classTokens), heads = table.shape[1]!;
  const index = relativeIndex(grid, classTokens);
  const { pairs, longest } = pairsByEntry(index, entries);
  return withGradient([table], (_save, table) => {
    const rows = tf.gather(table, tf.tensor1d(index, "int32")); // [T*T, H]
    const value = tf.reshape(tf.transpose(rows, [1, 0]), [heads, tokens, tokens]);
    const gradFunc: Gradient = (dy) => {
      const flat = tf.transpose(tf.reshape(dy, [heads, tokens * tokens]), [1, 0]); // [T*T, H]
      const padded = tf.concat([flat, tf.zeros([1, heads])], 0);
      const gathered = tf.reshape(tf.gather(padded, tf.tensor1d(pairs, "int32")), [entries, longest, heads]);
      return [tf.sum(gathered, 1)];
    };
    return { value, gradFunc };
  });
}
