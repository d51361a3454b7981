/**
 * The stage of a layer: the number, from 1, of the first stage whose feeding block is the layer or lies behind it.
 * With blocks 2, 4, 10, 12 the stages are layers 0-2, 3-4, 5-10 and 11-12.
 *
 * The thesis does not say where the patch embedding belongs; counted by the outputs it contributes to, it is stage 1.
 *
 * @param stageBlocks the layer index of the block that feeds each stage's decoder, ascending; the last is the last layer
 * @param layer 0 is the patch embedding, k is block k
 * @example
 * ```ts
 * import { stageOfLayer } from "@vitfreeze/vitfreeze/schedules";
 * import { deepStrictEqual } from "node:assert";
 *
 * deepStrictEqual([0, 3, 10, 12].map((layer) => stageOfLayer([2, 4, 10, 12], layer)), [1, 2, 3, 4]);
 * ```
 */
export function stageOfLayer(stageBlocks: readonly number[], layer: number): number {
  return stageBlocks.findIndex((block) => block >= layer) + 1;
}

/**
 * LocalMIM's output blocks {2, 4, 4 + n, 6 + n} for a model of 6 + n blocks (paper section 4.1): 2, 4, 10, 12 for ViT-B
 * and 2, 4, 22, 24 for ViT-L. A model of fewer than 7 blocks has no room for four: it keeps those of 2 and 4 that lie
 * before its last layer, and the last layer.
 *
 * @param layers patch embedding and blocks together, at least 1
 * @example ViT-B and ViT-L
 * ```ts
 * import { defaultStageBlocks } from "@vitfreeze/vitfreeze/schedules";
 * import { deepStrictEqual } from "node:assert";
 *
 * deepStrictEqual([13, 25].map(defaultStageBlocks), [[2, 4, 10, 12], [2, 4, 22, 24]]);
 * ```
 */
export function defaultStageBlocks(layers: number): number[] {
  const last = layers - 1;
  const inner = last >= 7 ? [2, 4, last - 2] : [2, 4].filter((block) => block < last);
  return [...inner, last];
}
