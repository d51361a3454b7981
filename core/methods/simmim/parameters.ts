import { beitInit } from "../../models/beitInit.ts";
import { patchLength, type VitConfig } from "../../models/config.ts";
import { maskedVitParameters } from "../../models/maskedTokens.ts";
import { convParameters, type ModelParameter, normParameters, tokenParameter } from "../../models/parameters.ts";
import { isSwin, type SwinConfig, swinStages } from "../../models/swin/config.ts";
import { swinParameters } from "../../models/swin/parameters.ts";
import { simMimEncoder } from "./config.ts";

/** Before the names of the encoder's tensors. */
export const PREFIX = "encoder.";

/** All parameters of a SimMIM model, under the names of the official checkpoint. */
export function simMimParameters(config: VitConfig): ModelParameter[] {
  const { embedDim } = config, length = patchLength(config);
  return [
    ...(isSwin(config) ? maskedSwin(config) : maskedVit(config)),
    ...normParameters(`${PREFIX}norm`, embedDim),
    ...convParameters("decoder.0", [length, embedDim, 1, 1], embedDim, length),
  ];
}

function maskedVit(config: VitConfig): ModelParameter[] {
  return maskedVitParameters(simMimEncoder(config), PREFIX).map((parameter) => beitInit(parameter, config.embedDim));
}

function maskedSwin(config: SwinConfig): ModelParameter[] {
  const [{ dim }] = swinStages(config);
  return [tokenParameter("mask_token", dim), ...swinParameters(config)]
    .map((parameter) => ({ ...parameter, name: PREFIX + parameter.name }));
}
