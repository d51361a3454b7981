import { type Cost, cost, product, VALUE } from "./cost.ts";

/** The size of a transformer block and of the sequence it works on. */
export interface BlockSize {
  tokens: number;
  dim: number;
  heads: number;
  mlpRatio: number;
}

/** Operations of a block's four linear layers: qkv, projection and the two of the MLP. */
function linearFlops({ tokens, dim, mlpRatio }: BlockSize): number {
  return product(tokens, dim, (4 + 2 * mlpRatio) * dim);
}

/** Operations of attention's scores and of mixing the values with them. */
function attentionFlops({ tokens, dim }: BlockSize): number {
  return 2 * product(tokens, dim, tokens);
}

/** Bytes of `widths` values per channel of every token, and of `scores` values per attention weight. */
function bytesOf({ tokens, dim, heads }: BlockSize, widths: number, scores: number): number {
  return VALUE * tokens * (widths * dim + scores * heads * tokens);
}

/**
 * Forward pass of one pre-norm transformer block over one sequence (Dosovitskiy et al. 2021, section 3.1).
 *
 * Read and written, in widths of a token: two norms 4, q, k and v put in order 6, q scaled 2, heads joined 2, two
 * residual sums 6, GELU 2 per MLP width; softmax reads and writes every score.
 */
export function blockForward(size: BlockSize): Cost {
  return cost({
    linear: linearFlops(size),
    attention: attentionFlops(size),
    bytes: bytesOf(size, 20 + 2 * size.mlpRatio, 2),
  });
}

/**
 * Gradient of a block's input: what a frozen block costs when the backward pass runs through it.
 *
 * Read and written, in widths: two norms 6, q, k and v 8 with the joined heads, scale 2, residual sums 6, GELU 3 per MLP
 * width; softmax reads two and writes one score.
 */
export function blockInputGradient(size: BlockSize): Cost {
  return cost({
    linear: linearFlops(size),
    attention: 2 * attentionFlops(size),
    bytes: bytesOf(size, 22 + 3 * size.mlpRatio, 3),
  });
}

/**
 * Gradients of a block's weights. Read, in widths: the gradient of each linear layer's output for its bias, 5 and the MLP
 * width; input and gradient of two norms, 4.
 */
export function blockWeightGradient(size: BlockSize): Cost {
  return cost({ weightGradient: linearFlops(size), bytes: bytesOf(size, 9 + size.mlpRatio, 0) });
}
