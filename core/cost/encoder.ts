import { type LocalMimConfig, visibleCount } from "../methods/localmim/config.ts";
import { patchLength, tokenCount } from "../models/config.ts";
import { blockForward, blockInputGradient, type BlockSize, blockWeightGradient } from "./block.ts";
import { type Cost, cost, product, sumCosts, times, VALUE } from "./cost.ts";
import { clsTokenLive, type CostState } from "./state.ts";

/** Tokens that the patch embedding runs on: those the encoder sees, or all of them as in the released code. */
export type EmbedTokens = "visible" | "all";

/** "cut": the backward pass ends at the first live layer; "live": it runs down to the class token, as released. */
export type Backward = "cut" | "live";

/**
 * Patch embedding of one image, and its weights' gradient while it lives; the image needs none. Adding positions and the
 * class token reads and writes 5 widths a token.
 */
export function patchEmbedCost(config: LocalMimConfig, state: CostState, tokens: EmbedTokens): Cost {
  const rows = tokens === "all" ? tokenCount(config) : visibleCount(config), { embedDim } = config;
  const flops = product(rows, patchLength(config), embedDim), live = state.liveLayers[0];
  return cost({
    linear: flops,
    weightGradient: live ? flops : 0,
    bytes: VALUE * rows * embedDim * (live ? 6 : 5),
  });
}

/** Forward pass of the blocks for one image, up to the last block that feeds a live stage. */
export function encoderForward(config: LocalMimConfig, state: CostState): Cost {
  return times(deepestBlock(config, state), blockForward(encoderBlock(config)));
}

/**
 * Backward pass of the blocks for one image. A live block costs its input's and its weights' gradients; a frozen one its
 * input's, if anything below it wants a gradient.
 */
export function encoderBackward(config: LocalMimConfig, state: CostState, backward: Backward): Cost {
  const size = encoderBlock(config), through = backward === "live" || clsTokenLive(state);
  const first = state.liveLayers.indexOf(true);
  return sumCosts(
    Array.from({ length: deepestBlock(config, state) }, (_, k) => k + 1).flatMap((layer) => [
      ...(through || (first >= 0 && layer >= first) ? [blockInputGradient(size)] : []),
      ...(state.liveLayers[layer] ? [blockWeightGradient(size)] : []),
    ]),
  );
}

function encoderBlock(config: LocalMimConfig): BlockSize {
  const { embedDim: dim, numHeads: heads, mlpRatio } = config;
  return { tokens: visibleCount(config) + 1, dim, heads, mlpRatio };
}

function deepestBlock({ stageBlocks }: LocalMimConfig, { liveStages }: CostState): number {
  return Math.max(0, ...stageBlocks.filter((_, stage) => liveStages[stage]));
}
