import { beitInit } from "../../models/beitInit.ts";
import { maskedVitParameters } from "../../models/maskedTokens.ts";
import { linearParameters, type ModelParameter, normParameters } from "../../models/parameters.ts";
import { beitEncoder, type BeitShape } from "./config.ts";

/** All parameters of a BEiT model, under the names of the official checkpoint. */
export function beitParameters(config: BeitShape): ModelParameter[] {
  const { embedDim, vocabulary } = config;
  return [
    ...maskedVitParameters(beitEncoder(config)),
    ...normParameters("norm", embedDim),
    ...linearParameters("lm_head", embedDim, vocabulary),
  ].map((parameter) => beitInit(parameter, embedDim));
}
