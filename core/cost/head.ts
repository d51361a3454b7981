import { type LocalMimConfig, targetChannels, visibleCount } from "../methods/localmim/config.ts";
import { tokenCount } from "../models/config.ts";
import { type Cost, cost, product, VALUE } from "./cost.ts";

/** Tokens that heads run on: what the loss looks at, or all of them as in the released code. */
export type HeadTokens = "masked" | "all";

/** A head's matrix products, forward, and its values, each once. */
interface HeadShape {
  flops: number;
  /** Values that a layer normalisation and a GELU stand behind; those of the first upsampling of scale 4. */
  activated: number;
  /** Values of all layers' outputs. */
  outputs: number;
  /** Values that are compared with the target. */
  predicted: number;
  /** Values read to pool 2 x 2 tokens, scale 0.5 alone, or to pick the masked ones. */
  gathered: number;
}

/** Values read and written per value: a fused layer normalisation, its gradient with its weights'. */
const FUSED_NORM = { forward: 2, backward: 5 };
/** The same where the norm is a chain of elementwise operators over channels first, as in the released code's head. */
const CHAINED_NORM = { forward: 14, backward: 28 };

/**
 * Forward pass of one head and its loss for one image.
 *
 * Read and written per value: GELU 2, a gather or pooling 2, squared error 3 and its mean 1.
 */
export function headForward(config: LocalMimConfig, stage: number, tokens: HeadTokens): Cost {
  const { flops, activated, predicted, gathered } = shapeOf(config, stage, tokens);
  const values = (normOf(tokens).forward + 2) * activated + 2 * gathered + 4 * predicted;
  return cost({ linear: flops, bytes: VALUE * values });
}

/**
 * Backward pass of one head and its loss for one image.
 *
 * Read and written per value: GELU 3, a gather or pooling 2, squared error 3, each output once for its bias.
 */
export function headBackward(config: LocalMimConfig, stage: number, tokens: HeadTokens): Cost {
  const { flops, activated, outputs, predicted, gathered } = shapeOf(config, stage, tokens);
  const values = (normOf(tokens).backward + 3) * activated + outputs + 2 * gathered + 3 * predicted;
  return cost({ linear: flops, weightGradient: flops, bytes: VALUE * values });
}

function normOf(tokens: HeadTokens): typeof FUSED_NORM {
  return tokens === "all" ? CHAINED_NORM : FUSED_NORM;
}

/** The head of a stage by its scale (as the LocalMIM code has it); a ConvTranspose 2 x 2 is a linear layer per token. */
function shapeOf(config: LocalMimConfig, stage: number, tokens: HeadTokens): HeadShape {
  const { decoderDim: d } = config, N = tokenCount(config), C = targetChannels(config);
  const scale = config.stageScales[stage], rows = tokens === "all" ? N : N - visibleCount(config);
  const predicted = (scale < 1 ? N : rows) * scale * scale * C;
  const gathered = scale < 1 || tokens === "masked" ? (scale < 1 ? N : rows) * d : 0;
  if (scale < 1) {
    return { flops: product(N * scale * scale, d, C), activated: 0, outputs: predicted, predicted, gathered };
  }
  if (scale === 1) return { flops: product(rows, d, C), activated: 0, outputs: predicted, predicted, gathered };
  const upsample = product(rows, d, 2 * d), doubled = 4 * rows * d / 2;
  if (scale === 2) {
    const flops = upsample + product(4 * rows, d / 2, C);
    return { flops, activated: 0, outputs: doubled + predicted, predicted, gathered };
  }
  const flops = upsample + product(4 * rows, d / 2, d) + product(16 * rows, d / 4, C);
  return { flops, activated: doubled, outputs: doubled + 16 * rows * d / 4 + predicted, predicted, gathered };
}
