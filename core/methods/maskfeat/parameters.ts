import { weightStd } from "../../models/beitInit.ts";
import { encoderOf, type VitConfig } from "../../models/config.ts";
import { maskedVitParameters } from "../../models/maskedTokens.ts";
import { linearParameters, type ModelParameter, normParameters } from "../../models/parameters.ts";
import { HOG_LENGTH } from "./config.ts";

/** The norm in front of the prediction, and the prediction. */
export const HEAD = "pred_head.transforms.0.0", OUT = "pred_head.projections.0";

/** What every bias of the encoder is at the start, those of norms too (SlowFast code). */
const BIAS = 0.02;

/** A parameter as the released code fills it: weights and tokens normal (see `weightStd`); biases of the encoder 0.02. */
function filled(parameter: ModelParameter, embedDim: number): ModelParameter {
  const { name, shape } = parameter;
  if (shape.length > 1) {
    const std = name.endsWith(".weight") ? weightStd(embedDim) : 0.02;
    return { ...parameter, init: { kind: "truncatedNormal", std } };
  }
  if (name.startsWith("blocks.") && name.endsWith(".bias")) {
    return { ...parameter, init: { kind: "constant", value: BIAS } };
  }
  return parameter;
}

/** All parameters of a MaskFeat model, under the names of the official checkpoint. */
export function maskFeatParameters(config: VitConfig): ModelParameter[] {
  return [
    ...maskedVitParameters(encoderOf(config)),
    ...normParameters(HEAD, config.embedDim),
    ...linearParameters(OUT, config.embedDim, HOG_LENGTH),
  ].map((parameter) => filled(parameter, config.embedDim));
}
