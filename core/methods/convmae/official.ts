import { gridSize, patchLength } from "../../models/config.ts";
import type { HybridConfig } from "../../models/convStages.ts";
import { posEmbedTensor } from "../../models/posEmbed.ts";
import { HOG_BINS, HOG_CELLS } from "../mae/config.ts";
import type { Official } from "../official.ts";
import type { ConvMaeConfig } from "./config.ts";

/** Heads of the decoder in both released codes. */
const DECODER_HEADS = 16;

/** State dicts of ConvMAE's and DMJD's code: positions of encoder and decoder beside the parameters. */
export const convMaeOfficial: Official<ConvMaeConfig> = {
  fixed(config) {
    const grid = gridSize(config);
    return new Map([
      ["pos_embed", posEmbedTensor(config.embedDim, grid, 0)],
      ["decoder_pos_embed", posEmbedTensor(config.decoderDim, grid, 0)],
    ]);
  },
  isTarget: () => false,
  lastNorm: () => "norm",
  knows: (names) => names.has("patch_embed1.proj.weight") && names.has("decoder_pred.weight"),
  /** Masks and target leave no trace but the prediction's length: those of ConvMAE, or with a visible branch DMJD's. */
  infer(reader, vit, { decoderHeads }, assumed) {
    const joint = reader.tensors.has("predictor.0.weight"), heads = decoderHeads ?? DECODER_HEADS;
    if (decoderHeads === undefined) assumed.push(`--decoder-heads ${heads}`);
    const [length, decoderDim] = reader.shape("decoder_pred.weight", 2);
    const isHog = length === HOG_CELLS ** 2 * HOG_BINS * 3 && length !== patchLength(vit);
    const maskRatio = joint ? 0.6 : 0.75;
    return {
      ...vit as HybridConfig,
      decoderDim,
      decoderDepth: reader.count(/^decoder_blocks\.(\d+)\./, "decoder blocks"),
      decoderHeads: heads,
      maskRatio,
      predRatio: joint ? 1 : maskRatio,
      pattern: joint ? "cells" : "uniform",
      views: joint ? 2 : 1,
      viewRule: joint ? "disjoint" : "independent",
      target: isHog ? "hog" : "normPixels",
      visible: joint
        ? {
          projector: reader.tensors.has("proj_embed.6.weight") ? "mlp3" : "linear",
          pairing: "aligned",
          weight: 1,
        }
        : null,
      lrRule: "adaptive",
    };
  },
};
