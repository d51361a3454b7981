import { invertOrder } from "../../engine/rowOrder.ts";
import type { Mask } from "../../masking/randomMask.ts";
import { poolMask } from "../../masking/poolMask.ts";
import { gridSize, tokenCount } from "../../models/config.ts";
import { type LocalMimConfig, targetChannels, visibleCount } from "./config.ts";
import { subcellOrder } from "./tokenOrder.ts";

/** Values of the inputs that depend on the masks alone; see `localMimInputs` and `TokenRows` for their shapes. */
export interface MaskFeeds {
  visible: Int32Array;
  places: Int32Array;
  sources: Int32Array;
  ownTokens: Int32Array;
  isMasked: Float32Array;
  maskedPlaces: Int32Array;
  maskedInverse: Int32Array;
  pooledWeight: Float32Array;
}

/** Tokens of one image that are masked, in ascending order. */
function maskedTokens({ mask }: Mask): number[] {
  return Array.from(mask.keys()).filter((token) => mask[token] === 1);
}

/**
 * Turns the masks of a batch into the row indices that encoder and decoders gather by.
 *
 * @param config the model
 * @param masks one mask per image, each keeping `visibleCount(config)` tokens
 */
export function maskFeeds(config: LocalMimConfig, masks: readonly Mask[]): MaskFeeds {
  const N = tokenCount(config), V = visibleCount(config), M = N - V, B = masks.length, grid = gridSize(config);
  const visible = new Int32Array(B * V), places = new Int32Array(B * (V + 1)), sources = new Int32Array(B * (N + 1));
  const isMasked = new Float32Array(B * (N + 1)), masked = new Int32Array(B * M);
  masks.forEach((mask, b) => {
    visible.set(mask.idsKeep, b * V);
    places.set(Array.from(mask.idsKeep, (token) => token + 1), b * (V + 1) + 1);
    const first = b * (N + 1), own = N + 1 + b * (V + 1);
    sources[first] = own;
    mask.idsRestore.forEach((place, token) => {
      sources[first + 1 + token] = place < V ? own + 1 + place : 1 + token;
      isMasked[first + 1 + token] = place < V ? 0 : 1;
    });
    masked.set(maskedTokens(mask).map((token) => first + 1 + token), b * M);
  });
  const pooled = config.stageScales.includes(0.5) ? masks.map(({ mask }) => poolMask(mask, grid, 0.5)) : [];
  return {
    visible,
    places,
    sources,
    ownTokens: places.map((place, row) => Math.floor(row / (V + 1)) * (N + 1) + place),
    isMasked,
    maskedPlaces: masked.map((token) => token % (N + 1)),
    maskedInverse: invertOrder(masked, B * (N + 1)),
    pooledWeight: Float32Array.from(pooled.flatMap((weights) => [...weights])),
  };
}

/**
 * Arranges the HOG target of one stage as its head predicts it: masked tokens, each with its cells in `subcellOrder`; or
 * all cells for the pooled stage.
 *
 * @param config the model
 * @param stage index of the stage
 * @param target [B, cells, C], cells row-major over the image
 * @param masks one per image
 * @returns [rows, C]
 */
export function targetFeed(
  config: LocalMimConfig,
  stage: number,
  target: Float32Array,
  masks: readonly Mask[],
): Float32Array {
  const scale = config.stageScales[stage], C = targetChannels(config), grid = gridSize(config);
  if (scale < 1) return target;
  const order = subcellOrder(scale), side = grid * scale, cells = side * side;
  const rows = new Float32Array(masks.length * (tokenCount(config) - visibleCount(config)) * scale * scale * C);
  let at = 0;
  masks.forEach((mask, b) => {
    for (const token of maskedTokens(mask)) {
      const top = Math.floor(token / grid) * scale, left = (token % grid) * scale;
      for (const { row, column } of order) {
        const from = (b * cells + (top + row) * side + left + column) * C;
        rows.set(target.subarray(from, from + C), at);
        at += C;
      }
    }
  });
  return rows;
}

/**
 * Puts predictions of all tokens back on the image: [B*N*scale^2, C] in head order to [B, cells, C], cells row-major.
 */
export function unfoldPrediction(config: LocalMimConfig, stage: number, prediction: Float32Array): Float32Array {
  const scale = config.stageScales[stage], C = targetChannels(config), grid = gridSize(config);
  if (scale < 1) return prediction;
  const order = subcellOrder(scale), side = grid * scale, perImage = tokenCount(config) * scale * scale;
  const cells = new Float32Array(prediction.length);
  for (let i = 0; i * C < prediction.length; i++) {
    const b = Math.floor(i / perImage), token = Math.floor((i % perImage) / order.length);
    const { row, column } = order[i % order.length];
    const cell = (Math.floor(token / grid) * scale + row) * side + (token % grid) * scale + column;
    cells.set(prediction.subarray(i * C, (i + 1) * C), (b * side * side + cell) * C);
  }
  return cells;
}
