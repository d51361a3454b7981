import type { Feeds } from "../../engine/program.ts";
import { invertOrder } from "../../engine/rowOrder.ts";
import { partsOf } from "../../masking/order.ts";
import type { Mask } from "../../masking/randomMask.ts";
import { classTokens, tokenCount } from "../../models/config.ts";
import { gatherPatches } from "../../models/patches.ts";
import { type MaeConfig, maskCounts, targetLength } from "./config.ts";

/** Masked patches of a view, ascending. */
const maskedOf = ({ mask }: Mask) => Array.from(mask.keys()).filter((token) => mask[token] === 1);

/** The visible patches whose targets stand beside a view's predictions, in the order of these. */
function pairedOf(mask: Mask, { visible }: MaeConfig): number[] {
  const kept = [...mask.idsKeep];
  return visible?.pairing === "released" ? kept.sort((a, b) => a - b) : kept;
}

/**
 * All inputs of a masked autoencoder; see `maeInputs`.
 *
 * @param images normalised, [B, 3, S, S]
 * @param target [B, N, C]
 * @param views masks of every view of every image: [view][image]
 */
export function maeFeeds(
  config: MaeConfig,
  images: Float32Array,
  target: Float32Array,
  views: readonly (readonly Mask[])[],
): Feeds {
  const N = tokenCount(config), { visible: V, masked: M } = maskCounts(config), C = targetLength(config);
  const cls = classTokens(config), masks = views.flat(), rows = masks.length, own = rows * (V + cls);
  const visible = new Int32Array(rows * V), sources = new Int32Array(rows * (N + cls));
  const isMasked = new Float32Array(rows * (N + cls)), maskedRows = new Int32Array(rows * M);
  masks.forEach((mask, row) => {
    const first = row * (N + cls), { visible: kept } = partsOf(mask);
    visible.set(kept, row * V);
    if (cls) sources[first] = row * (V + 1);
    mask.idsRestore.forEach((place, token) => {
      sources[first + cls + token] = place < V ? row * (V + cls) + cls + place : own;
      isMasked[first + cls + token] = mask.mask[token];
    });
    maskedRows.set(maskedOf(mask).map((token) => first + cls + token), row * M);
  });
  const sourcesInverse = new Int32Array(own + 1).fill(sources.length);
  sources.forEach((source, at) => {
    if (source < own) sourcesInverse[source] = at;
  });
  const chosen = (tokens: (mask: Mask) => readonly number[], each: number) => {
    const list = new Float32Array(rows * each * C), count = views[0].length;
    masks.forEach((mask, row) => {
      const image = row % count;
      tokens(mask).forEach((token, k) => {
        const from = (image * N + token) * C;
        list.set(target.subarray(from, from + C), (row * each + k) * C);
      });
    });
    return list;
  };
  const patches = views.map((masks) => gatherPatches(images, config, masks.map(({ idsKeep }) => idsKeep)));
  return {
    patches: joined(patches),
    visible,
    ...(config.stages && { visibleRows: visible.map((token, k) => Math.floor(k / V) * N + token) }),
    sources,
    sourcesInverse,
    isMasked,
    maskedRows,
    maskedInverse: invertOrder(maskedRows, rows * (N + cls)),
    target: chosen(maskedOf, M),
    ...(config.visible && { targetVisible: chosen((mask) => pairedOf(mask, config), V) }),
  };
}

function joined(parts: Float32Array[]): Float32Array<ArrayBuffer> {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
