import * as tf from "@tensorflow/tfjs-core";
import { gelu, linear } from "../engine/ops.ts";
import type { Parameters } from "../engine/program.ts";
import type { EncoderConfig } from "./config.ts";
import { blockParameters, linearParameters, type ModelParameter, normParameters } from "./parameters.ts";
import { block, dropPath, mixHeads, namedLinear, namedNorm, type Sequence, splitHeads } from "./vit.ts";

/** Parameters of a block: a plain one, or one of BEiT with factors on its branches and no bias of the keys. */
export function encoderBlockParameters(name: string, config: EncoderConfig): ModelParameter[] {
  const { embedDim: dim, mlpRatio, layerScale } = config;
  if (layerScale === undefined) return blockParameters(name, dim, mlpRatio);
  const constants = (value: number, names: string[]) =>
    names.map((part) => ({
      name: `${name}.${part}`,
      shape: [dim],
      init: { kind: "constant" as const, value },
    }));
  return [
    ...constants(layerScale, ["gamma_1", "gamma_2"]),
    ...normParameters(`${name}.norm1`, dim),
    linearParameters(`${name}.attn.qkv`, dim, 3 * dim)[0],
    ...constants(0, ["attn.q_bias", "attn.v_bias"]),
    ...linearParameters(`${name}.attn.proj`, dim, dim),
    ...normParameters(`${name}.norm2`, dim),
    ...linearParameters(`${name}.mlp.fc1`, dim, mlpRatio * dim),
    ...linearParameters(`${name}.mlp.fc2`, mlpRatio * dim, dim),
  ];
}

/** What acts on a block beside its parameters. */
export interface BlockOptions {
  /** Added to the scores of attention, [H, T, T]. */
  bias?: tf.Tensor;
  /** Drop-path factors of the two branches, [B, 1, 1] each. */
  keep?: tf.Tensor[];
}

/** A block of an encoder. `x` and the result are [B*T, D]. */
export function encoderBlock(
  p: Parameters,
  name: string,
  x: tf.Tensor,
  size: Sequence,
  { layerScale }: EncoderConfig,
  { bias, keep = [] }: BlockOptions = {},
): tf.Tensor {
  if (layerScale === undefined && !bias) return block(p, name, x, size, keep);
  const scaled = (branch: tf.Tensor, part: string) =>
    layerScale === undefined ? branch : tf.mul(branch, p(`${name}.${part}`));
  const attended = biasedAttention(p, name, namedNorm(p, `${name}.norm1`, x), size, { bias, layerScale });
  const h = tf.add(x, dropPath(scaled(attended, "gamma_1"), size, keep[0]));
  const hidden = gelu(namedLinear(p, `${name}.mlp.fc1`, namedNorm(p, `${name}.norm2`, h)));
  return tf.add(h, dropPath(scaled(namedLinear(p, `${name}.mlp.fc2`, hidden), "gamma_2"), size, keep[1]));
}

/** Attention whose scores have a bias; with biases on query and value alone where branches have factors. */
function biasedAttention(
  p: Parameters,
  block: string,
  x: tf.Tensor,
  size: Sequence,
  { bias, layerScale }: { bias?: tf.Tensor; layerScale?: number },
): tf.Tensor {
  const name = `${block}.attn`, none = tf.zeros([size.dim]);
  const fused = layerScale === undefined
    ? namedLinear(p, `${name}.qkv`, x)
    : linear(x, p(`${name}.qkv.weight`), tf.concat([p(`${name}.q_bias`), none, p(`${name}.v_bias`)], 0));
  return namedLinear(p, `${name}.proj`, mixHeads(splitHeads(fused, 3, size), size, bias));
}
