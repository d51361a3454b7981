import { drawAnyViews } from "../../masking/rectangleViews.ts";
import { encoderOf } from "../../models/config.ts";
import { allTokensMethod, perImage } from "../allTokensMethod.ts";
import type { Method } from "../method.ts";
import { HOG_CELLS, type MaskFeatConfig } from "./config.ts";
import { maskFeatParameters } from "./parameters.ts";
import { maskFeatProgram } from "./program.ts";
import { maskFeatFault, maskFeatSchema } from "./schema.ts";
import { byteTargets, maskFeatTarget } from "./targets.ts";

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
});
