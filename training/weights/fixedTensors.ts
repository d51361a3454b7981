import { kernelX, kernelY } from "../../core/hog/sobel.ts";
import { gridSize } from "../../core/models/config.ts";
import { sincosPosEmbed2d } from "../../core/models/posEmbed.ts";
import type { Tensor } from "../../core/safetensors/tensor.ts";
import type { Model } from "./model.ts";

/**
 * Tensors that a state dict of PyTorch holds beside a model's parameters, though nothing ever trains them: the sin-cos
 * positions of encoder and decoders (MAE, LocalMIM), and the Sobel kernels of the HOG targets (LocalMIM). A classifier has
 * none, its positions are trained.
 */
export function fixedTensors(model: Model): Map<string, Tensor> {
  if (model.kind === "classifier") return new Map();
  const grid = gridSize(model.config);
  const fixed = new Map([["pos_embed", positions(model.config.embedDim, grid)]]);
  if (model.kind === "encoder") return fixed;
  model.config.stageBlocks.forEach((_, stage) => {
    fixed.set(`decoder.${stage}.pos_embed`, positions(model.config.decoderDim, grid));
    const kernels = Float32Array.from([...kernelX, ...kernelY]);
    fixed.set(`hog_enc.${stage}.conv.weight`, { dtype: "F32", shape: [2, 1, 3, 3], data: kernels });
  });
  return fixed;
}

/** [1, N+1, dim] */
function positions(dim: number, grid: number): Tensor {
  return { dtype: "F32", shape: [1, grid * grid + 1, dim], data: sincosPosEmbed2d(dim, grid) };
}
