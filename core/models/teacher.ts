import * as tf from "@tensorflow/tfjs-core";
import { gelu } from "../engine/ops.ts";
import type { Parameters, ParameterSpec, Program } from "../engine/program.ts";
import { gridSize, patchLength, tokenCount, type VitConfig } from "./config.ts";
import { blockParameters, normParameters } from "./parameters.ts";
import { sincosPosEmbed2d } from "./posEmbed.ts";
import { attention, namedLinear, namedNorm, patchRows, prependClassToken, type Sequence } from "./vit.ts";

/** A frozen vision transformer whose features of patches others learn, and how it differs from another one. */
export interface TeacherModel extends VitConfig {
  /** CLIP's QuickGELU is x sigmoid(1.702 x). */
  activation: "gelu" | "quickGelu";
  /** Of all its norms. */
  eps: number;
  /** Whether its positions are learned; else they are the fixed ones of sines. */
  learned: boolean;
  /** Norms before the first block (CLIP's `ln_pre`) and behind the last one. */
  normBefore: boolean;
  normAfter: boolean;
  /** By which its pixels in [0, 1] are normalised, by channel. */
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
}

/** The parameters of a teacher, under timm's names. */
export function teacherSpecs(model: TeacherModel): ParameterSpec[] {
  const { embedDim: dim, patchSize, depth, mlpRatio, learned, normBefore, normAfter } = model;
  return [
    { name: "cls_token", shape: [1, 1, dim] },
    ...(learned ? [{ name: "pos_embed", shape: [1, tokenCount(model) + 1, dim] }] : []),
    { name: "patch_embed.proj.weight", shape: [dim, 3, patchSize, patchSize] },
    { name: "patch_embed.proj.bias", shape: [dim] },
    ...(normBefore ? normParameters("norm_pre", dim) : []),
    ...Array.from({ length: depth }, (_, i) => blockParameters(`blocks.${i}`, dim, mlpRatio)).flat(),
    ...(normAfter ? normParameters("norm", dim) : []),
  ].map(({ name, shape }) => ({ name, shape }));
}

/** Features of all patches of an image: `patches` [B*N, 3*p*p] in, `features` [B*N, D] out. */
export function teacherProgram(model: TeacherModel, batch: number): Program {
  const N = tokenCount(model), { embedDim: dim, numHeads: heads, depth, learned, normBefore, normAfter, eps } = model;
  const size: Sequence = { batch, tokens: N + 1, dim, heads };
  return {
    parameters: teacherSpecs(model),
    inputs: { patches: { shape: [batch * N, patchLength(model)], dtype: "float32" } },
    build(p, { patches }) {
      const fixed = () => tf.tensor3d(sincosPosEmbed2d(dim, gridSize(model)), [1, N + 1, dim]);
      const embedded = prependClassToken(namedLinear(p, "patch_embed.proj", patches), p("cls_token"), size);
      const placed = tf.add(tf.reshape(embedded, [batch, N + 1, dim]), learned ? p("pos_embed") : fixed());
      let x: tf.Tensor = tf.reshape(placed, [batch * (N + 1), dim]);
      if (normBefore) x = namedNorm(p, "norm_pre", x, eps);
      for (let i = 0; i < depth; i++) x = teacherBlock(p, `blocks.${i}`, x, size, model);
      if (normAfter) x = namedNorm(p, "norm", x, eps);
      return { features: patchRows(x, batch) };
    },
  };
}

function teacherBlock(p: Parameters, name: string, x: tf.Tensor, size: Sequence, model: TeacherModel): tf.Tensor {
  const { eps, activation } = model;
  const attended = tf.add(x, attention(p, `${name}.attn`, namedNorm(p, `${name}.norm1`, x, eps), size));
  const hidden = namedLinear(p, `${name}.mlp.fc1`, namedNorm(p, `${name}.norm2`, attended, eps));
  const active = activation === "gelu" ? gelu(hidden) : tf.mul(hidden, tf.sigmoid(tf.mul(hidden, 1.702)));
  return tf.add(attended, namedLinear(p, `${name}.mlp.fc2`, active));
}
