import { type LocalMimConfig, visibleCount } from "../methods/localmim/config.ts";
import { tokenCount } from "../models/config.ts";
import { type Cost, cost, product, VALUE } from "./cost.ts";

/** Rows and tokens that the parts of one decoder of this project run on, per image; see `decode` in core/models. */
interface Rows {
  d: number;
  /** Tokens of the sequence: keys and values. */
  tokens: number;
  /** Tokens that the encoder saw. */
  seen: number;
  /** Tokens that ask and pass the MLP: the masked ones, or all where the stage pools its tokens. */
  asking: number;
  /** Rows of the matrix of mask tokens, an image's share of them, and of its own tokens: what norm and qkv run on. */
  rows: number;
  /** The part of `rows` that the queries are projected from. */
  queryRows: number;
}

function rowsOf(config: LocalMimConfig, stage: number, batch: number): Rows {
  const tokens = tokenCount(config) + 1, seen = visibleCount(config) + 1, pools = config.stageScales[stage] < 1;
  const shared = tokens / batch, rows = shared + seen;
  const asking = pools ? tokens : tokens - seen;
  return { d: config.decoderDim, tokens, seen, asking, rows, queryRows: pools ? rows : shared };
}

/** Operations of the linear layers: embedding, query, key and value, projection and the two of the MLP. */
function linearFlops({ embedDim, mlpRatio }: LocalMimConfig, { d, seen, asking, rows, queryRows }: Rows): number {
  return product(seen, embedDim, d) + product(queryRows, d, d) + product(rows, d, 2 * d) +
    product(asking, d, (1 + 2 * mlpRatio) * d);
}

/** Operations of attention's scores and of mixing the values with them. */
function attentionFlops({ d, tokens, asking }: Rows): number {
  return 2 * product(asking, d, tokens);
}

function bytesOf(config: LocalMimConfig, rows: Rows, latent: number, widths: number, scores: number): number {
  const { seen, d, asking, tokens } = rows;
  return VALUE * (latent * seen * config.embedDim + widths * d + scores * config.decoderHeads * asking * tokens);
}

/**
 * Forward pass of one decoder of this project for one image, which projects mask tokens once a batch and lets only those
 * ask whose outcome is wanted.
 *
 * Read and written: the latent's norm 2 widths of the encoder. In widths of the decoder: positions added 3 and rows put
 * together 2, first norm 2; queries gathered, put in order and scaled 6, keys and values gathered and put in order 8;
 * heads joined 2, mask tokens gathered 2, residual sums 6, two norms 4, GELU 2 per MLP width; softmax as in a block.
 */
export function sharedDecoderForward(config: LocalMimConfig, stage: number, batch: number): Cost {
  const size = rowsOf(config, stage, batch), { tokens, seen, asking, rows } = size;
  const widths = 3 * seen + 4 * rows + 8 * tokens + (20 + 2 * config.mlpRatio) * asking;
  return cost({
    linear: linearFlops(config, size),
    attention: attentionFlops(size),
    bytes: bytesOf(config, size, 2, widths, 2),
  });
}

/**
 * Backward pass of one decoder of this project for one image, down to the latent.
 *
 * Read and written: the latent's norm 5 widths of the encoder and 3 to add its gradient to the encoder's. In widths of the
 * decoder: first norm 5, its biases' 3 and rows taken apart 2; keys and values put in order and summed 10; queries and mask
 * tokens put in order, spread and summed 14, heads 2, scale 2, residual sums 6, two norms 10, biases 2 and the MLP's, GELU 3
 * per MLP width; softmax as in a block.
 */
export function sharedDecoderBackward(config: LocalMimConfig, stage: number, batch: number): Cost {
  const size = rowsOf(config, stage, batch), { tokens, asking, rows } = size, flops = linearFlops(config, size);
  const widths = 10 * rows + 10 * tokens + (36 + 4 * config.mlpRatio) * asking;
  return cost({
    linear: flops,
    weightGradient: flops,
    attention: 2 * attentionFlops(size),
    bytes: bytesOf(config, size, 8, widths, 3),
  });
}
