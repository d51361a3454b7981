import { type LocalMimConfig, visibleCount } from "../methods/localmim/config.ts";
import { tokenCount } from "../models/config.ts";
import { blockForward, blockInputGradient, type BlockSize, blockWeightGradient } from "./block.ts";
import { type Cost, cost, product, sumCosts, VALUE } from "./cost.ts";

/**
 * Forward pass of one decoder for one image, from the latent to its last norm (LocalMIM; thesis 3.3), every token of every
 * image computed, as in the released code. This project's decoders do less: see `sharedDecoderForward`.
 *
 * Read and written: the latent's norm 2 widths of the encoder; per token of the decoder mask tokens appended 2, tokens put
 * in their places 2, positions added 3, last norm 2 widths.
 */
export function wholeDecoderForward(config: LocalMimConfig): Cost {
  const { embedDim, decoderDim } = config, tokens = tokenCount(config) + 1, seen = visibleCount(config) + 1;
  return sumCosts([
    blockForward(decoderBlock(config)),
    cost({
      linear: product(seen, embedDim, decoderDim),
      bytes: VALUE * (2 * seen * embedDim + 9 * tokens * decoderDim),
    }),
  ]);
}

/**
 * Backward pass of one decoder for one image, down to the latent.
 *
 * Read and written: the latent's norm 5 widths of the encoder and 3 to add its gradient to the encoder's; per token of the
 * decoder 2 to put tokens back, 1 for the mask token and the bias, last norm 5 widths.
 */
export function wholeDecoderBackward(config: LocalMimConfig): Cost {
  const { embedDim, decoderDim } = config, tokens = tokenCount(config) + 1, seen = visibleCount(config) + 1;
  const block = decoderBlock(config), embed = product(seen, embedDim, decoderDim);
  return sumCosts([
    blockInputGradient(block),
    blockWeightGradient(block),
    cost({
      linear: embed,
      weightGradient: embed,
      bytes: VALUE * (8 * seen * embedDim + 8 * tokens * decoderDim),
    }),
  ]);
}

function decoderBlock(config: LocalMimConfig): BlockSize {
  return {
    tokens: tokenCount(config) + 1,
    dim: config.decoderDim,
    heads: config.decoderHeads,
    mlpRatio: config.mlpRatio,
  };
}
