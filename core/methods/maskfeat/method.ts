import { drawAnyViews } from "../../masking/rectangleViews.ts";
import { encoderOf, gridSize } from "../../models/config.ts";
import { allTokensMethod, perImage } from "../allTokensMethod.ts";
import type { Method } from "../method.ts";
import { hogCells, type HogOrder } from "../patchCells.ts";
import { HOG_BINS, HOG_CELLS, HOG_LENGTH, type MaskFeatConfig } from "./config.ts";
import { maskFeatParameters } from "./parameters.ts";
import { maskFeatProgram } from "./program.ts";
import { maskFeatFault, maskFeatSchema } from "./schema.ts";
import { byteTargets, maskFeatTarget } from "./targets.ts";

/** The order of a patch's histograms: (channel, bin, cell row, cell column). */
const ORDER: HogOrder = {
  cells: HOG_CELLS,
  bins: HOG_BINS,
  place: (row, column, bin, channel) => ((channel * HOG_BINS + bin) * HOG_CELLS + row) * HOG_CELLS + column,
};

/** MaskFeat (Wei et al. 2022): all patches go through the encoder, histograms of orientations of the masked ones are predicted. */
export const maskFeat: Method<MaskFeatConfig> = allTokensMethod<MaskFeatConfig>({
  schema: maskFeatSchema,
  fault: maskFeatFault,
  encoder: encoderOf,
  parameters: maskFeatParameters,
  program: maskFeatProgram,
  draw: drawAnyViews,
  targets({ imageSize, patchSize, gaussian }) {
    const options = { imageSize, patchSize, cell: patchSize / HOG_CELLS, gaussian };
    return gaussian ? perImage((image) => maskFeatTarget(image, options)) : { from: "bytes", of: byteTargets(options) };
  },
  drawing: (config) => ({
    title: "MaskFeat",
    cells: { kind: "hog", form: "localmim", norm: "length" },
    measure: "squared",
    perPatch: HOG_CELLS,
    length: HOG_LENGTH,
    drawn: (values) => hogCells(values, gridSize(config), ORDER),
  }),
});
