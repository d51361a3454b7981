import { pretrain } from "../../experiments/phases.ts";
import { ALL_TOKENS } from "../../experiments/recipes/allTokens.ts";
import type { AllTokensName } from "../../experiments/recipes/allTokensRuns.ts";
import { HYBRID } from "../../experiments/recipes/hybrid.ts";
import { MIM } from "../../experiments/recipes/mim.ts";
import { disjoint, type Variant, varied } from "../../experiments/recipes/mimRuns.ts";
import { type PretrainConfig, pretrainConfigSchema } from "../../training/config.ts";

/** A method that is measured, on ViT-B/16 at 224 pixels. */
export interface MethodCase {
  name: string;
  /** Its peer is `mim-PEER`; none for what only stands beside another of our own. */
  peer: string | null;
  config: PretrainConfig;
}

const PAPER = { ...MIM.profiles.paper, seed: 0 };

function maeCase(name: string, peer: string | null, variant: Variant): MethodCase {
  return { name, peer, config: pretrainConfigSchema.parse(pretrain(varied(PAPER, variant), null).config) };
}

function allTokensCase(name: string, method: AllTokensName): MethodCase {
  const { model, pretrain: own } = ALL_TOKENS.profiles.paper[method];
  return {
    name,
    peer: method,
    config: pretrainConfigSchema.parse(pretrain({ ...PAPER, method, model, pretrain: own }, null).config),
  };
}

/** On the hybrid encoder of that size. */
function convMaeCase(): MethodCase {
  const settings = { ...HYBRID.profiles.paper, seed: 0 };
  return { name: "ConvMAE", peer: "convmae", config: pretrainConfigSchema.parse(pretrain(settings, null).config) };
}

/** Methods beside their peers, at the published settings. */
export const METHOD_CASES: readonly MethodCase[] = [
  maeCase("MAE", "mae", {}),
  allTokensCase("SimMIM", "simmim"),
  allTokensCase("MaskFeat", "maskfeat"),
  convMaeCase(),
];

/** Two disjoint views of an image, to stand beside single views of twice as many images. */
export const TWO_VIEWS: MethodCase = maeCase("MAE, two disjoint views", null, disjoint(PAPER, "uniform"));
