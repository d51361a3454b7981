import type { ModelParameter } from "./parameters.ts";

/** Deviation of every weight at the start, and the width from which on it is that. */
const STD = 0.02, WIDTH = 768;

/**
 * The deviation of weights of an encoder of this width: 0.02 as published for ViT-B and wider ones. A narrower one's is larger by the
 * root of the width's ratio, so that it starts with activations of the same size; at 0.02 its blocks would hardly do anything.
 */
export function weightStd(embedDim: number): number {
  return STD * Math.sqrt(Math.max(1, WIDTH / embedDim));
}

/**
 * A parameter of an encoder as BEiT and SimMIM fill it: weights and tokens normal, cut at one deviation; the last weights of both
 * branches of block i, from 0, over sqrt(2 (i + 1)); biases 0, that of the patches too; tables, norms and factors as they are.
 */
export function beitInit(parameter: ModelParameter, embedDim: number): ModelParameter {
  const { name, shape } = parameter;
  if (name.endsWith("patch_embed.proj.bias")) return { ...parameter, init: { kind: "constant", value: 0 } };
  if (shape.length < 2 || name.endsWith("relative_position_bias_table")) return parameter;
  const last = /(?:^|\.)blocks\.(\d+)\.(?:attn\.proj|mlp\.fc2)\.weight$/.exec(name);
  const std = name.endsWith(".weight") ? weightStd(embedDim) : STD;
  const scaled = std / (last ? Math.sqrt(2 * (Number(last[1]) + 1)) : 1);
  return { ...parameter, init: { kind: "truncatedNormal", std: scaled, within: 1 } };
}
