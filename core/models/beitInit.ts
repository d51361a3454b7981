import type { ModelParameter } from "./parameters.ts";

/** Deviation of every weight at the start. */
const STD = 0.02;

/**
 * A parameter of an encoder as BEiT and SimMIM fill it: weights and tokens normal with deviation 0.02, cut at one deviation; the
 * last weights of both branches of block i, from 0, over sqrt(2 (i + 1)); biases 0, that of the patches too; tables, norms and
 * factors as they are.
 */
export function beitInit(parameter: ModelParameter): ModelParameter {
  const { name, shape } = parameter;
  if (name.endsWith("patch_embed.proj.bias")) return { ...parameter, init: { kind: "constant", value: 0 } };
  if (shape.length < 2 || name.endsWith("relative_position_bias_table")) return parameter;
  const last = /(?:^|\.)blocks\.(\d+)\.(?:attn\.proj|mlp\.fc2)\.weight$/.exec(name);
  const std = STD / (last ? Math.sqrt(2 * (Number(last[1]) + 1)) : 1);
  return { ...parameter, init: { kind: "truncatedNormal", std, within: 1 } };
}
