import { type LocalMimConfig, patchLength, targetChannels, tokenCount, visibleCount } from "../models/config.ts";
import type { FreezeState } from "../schedules/freezeState.ts";

/** Floating-point operations of a matrix product [rows, in] x [in, out]. */
const product = (rows: number, from: number, to: number) => 2 * rows * from * to;

/** Forward pass of one transformer block over one sequence: four linear layers and two attention products. */
export function blockFlops(tokens: number, dim: number, mlpRatio: number): number {
  return product(tokens, dim, (4 + 2 * mlpRatio) * dim) + 2 * product(tokens, dim, tokens);
}

/** Forward pass of the decoder of one stage for one image; heads on masked tokens only. */
export function decoderFlops(config: LocalMimConfig, stage: number): number {
  const { embedDim, decoderDim: d, mlpRatio } = config, N = tokenCount(config), V = visibleCount(config);
  const scale = config.stageScales[stage], C = targetChannels(config), masked = N - V;
  const head = scale < 1
    ? product(N * scale * scale, d, C)
    : scale === 1
    ? product(masked, d, C)
    : scale === 2
    ? product(masked, d, 2 * d) + product(4 * masked, d / 2, C)
    : product(masked, d, 2 * d) + product(4 * masked, d / 2, d) + product(16 * masked, d / 4, C);
  return product(V + 1, embedDim, d) + blockFlops(N + 1, d, mlpRatio) + head;
}

/**
 * Floating-point operations in matrix products of one pre-training step, per image.
 *
 * A backward pass costs the forward pass twice (inputs and weights); a frozen block once while the pass runs through it
 * (backward "live"), and nothing below the first live layer (backward "cut"). The patch embedding needs no gradient of
 * its input.
 */
export function pretrainFlops(
  config: LocalMimConfig,
  state: Pick<FreezeState, "liveLayers" | "liveStages">,
  backward: "cut" | "live",
): number {
  const V = visibleCount(config), { embedDim, depth, mlpRatio } = config;
  const embed = product(V, patchLength(config), embedDim), block = blockFlops(V + 1, embedDim, mlpRatio);
  let total = embed * (state.liveLayers[0] ? 2 : 1);
  for (let layer = 1; layer <= depth; layer++) {
    const passes = state.liveLayers[layer] ? 3 : backward === "live" ? 2 : 1;
    total += passes * block;
  }
  config.stageBlocks.forEach((_, stage) => {
    if (state.liveStages[stage]) total += 3 * decoderFlops(config, stage);
  });
  return total;
}
