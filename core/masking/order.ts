import type { Mask } from "./randomMask.ts";

/** Places 0, 1, … by ascending noise; equal ones keep their order. */
export function byNoise(noise: ArrayLike<number>): Int32Array {
  return Int32Array.from({ length: noise.length }, (_, i) => i).sort((a, b) => noise[a] - noise[b]);
}

/**
 * The mask of which the visible and the masked tokens are known, each in the order in which the shuffle has them.
 *
 * @param visible and
 * @param masked together every token once
 */
export function maskOf(visible: ArrayLike<number>, masked: ArrayLike<number>): Mask {
  const tokens = visible.length + masked.length, idsRestore = new Int32Array(tokens), mask = new Float32Array(tokens);
  for (let k = 0; k < visible.length; k++) idsRestore[visible[k]] = k;
  for (let k = 0; k < masked.length; k++) {
    idsRestore[masked[k]] = visible.length + k;
    mask[masked[k]] = 1;
  }
  return { idsKeep: new Int32Array(visible), idsRestore, mask };
}

/**
 * The mask of a shuffle whose first `keep` tokens are visible; they stay where they are.
 *
 * @param idsRestore and
 * @param mask are what it is written to: one array for many masks costs a tenth of one each
 */
export function maskOfOrder(
  order: Int32Array,
  keep: number,
  idsRestore: Int32Array = new Int32Array(order.length),
  mask: Float32Array = new Float32Array(order.length),
): Mask {
  const tokens = order.length;
  for (let place = 0; place < tokens; place++) idsRestore[order[place]] = place;
  mask.fill(1);
  for (let place = 0; place < keep; place++) mask[order[place]] = 0;
  return { idsKeep: order.subarray(0, keep), idsRestore, mask };
}

/** Tokens of a mask's visible and masked part, in the order of its shuffle. */
export function partsOf({ idsKeep, idsRestore }: Mask): { visible: Int32Array; masked: Int32Array } {
  const shuffle = new Int32Array(idsRestore.length);
  for (let token = 0; token < shuffle.length; token++) shuffle[idsRestore[token]] = token;
  return { visible: idsKeep, masked: shuffle.slice(idsKeep.length) };
}
