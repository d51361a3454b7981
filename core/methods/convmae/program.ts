import * as tf from "@tensorflow/tfjs-core";
import { gatherRows } from "../../engine/ops.ts";
import type { Program } from "../../engine/program.ts";
import { gridSize, tokenCount } from "../../models/config.ts";
import type { Layout } from "../../models/convStages.ts";
import { encodeHybrid } from "../../models/hybrid.ts";
import { sincosPosEmbed2d } from "../../models/posEmbed.ts";
import { namedNorm } from "../../models/vit.ts";
import { type MaeOptions, maskCounts } from "../mae/config.ts";
import { autoencoder, type Encode } from "../mae/program.ts";
import { maeViewProgram } from "../mae/sidePrograms.ts";
import type { ConvMaeConfig } from "./config.ts";
import { convMaeParameters } from "./parameters.ts";

/** What a program of ConvMAE is built for. */
export interface ConvMaeOptions extends MaeOptions {
  config: ConvMaeConfig;
}

/**
 * A masked autoencoder on a hybrid encoder (ConvMAE, Gao et al. 2022; with several views and a visible branch, DMJD's): inputs and
 * outputs are those of `maeProgram`, without class tokens.
 */
export function convMaeProgram(options: ConvMaeOptions): Program {
  return autoencoder(options, convMaeParameters(options.config), encoderOf(options));
}

/** The same, predicting all patches, to be drawn. */
export function convMaeViewProgram(options: ConvMaeOptions): Program {
  return maeViewProgram(options, convMaeParameters(options.config), encoderOf(options));
}

function encoderOf({ config, rows }: ConvMaeOptions): Encode {
  const { embedDim: dim } = config, { visible } = maskCounts(config), grid = gridSize(config);
  return (p, { patches, visible: tokens, ...places }) => {
    const all = tf.tensor2d(sincosPosEmbed2d(dim, grid, 0), [tokenCount(config), dim]);
    const positions = tf.reshape(tf.gather(all, tokens as tf.Tensor1D), [rows, visible, dim]);
    const layout = visibleOnly(places, rows, grid);
    return namedNorm(p, "norm", encodeHybrid(p, config, patches, { layout, positions, fused: true }));
  };
}

/** Visible patches as rows, with zeros where an image is masked. */
function visibleOnly(
  { visibleRows, sources, sourcesInverse }: Record<string, tf.Tensor>,
  images: number,
  grid: number,
): Layout {
  return {
    images,
    grid,
    spread(rows) {
      const padded = tf.concat([rows, tf.zeros([1, rows.shape[1]!])], 0);
      return gatherRows(padded, sources, sourcesInverse);
    },
    collect: (patches) => gatherRows(patches, visibleRows, sources),
  };
}
