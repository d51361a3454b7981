import type { ParameterSpec } from "../engine/program.ts";

/** How a tensor is filled at the start; the rules are in init.ts. A normal number is cut at so many deviations, 2 unless given. */
export type Init =
  | { kind: "constant"; value: number }
  | { kind: "xavierUniform"; fanIn: number; fanOut: number }
  | { kind: "uniform"; bound: number }
  | { kind: "normal"; std: number }
  | { kind: "truncatedNormal"; std: number; within?: number }
  /** Positions of all patches, behind a row of zeros for each class token. */
  | { kind: "sincos"; dim: number; grid: number; classTokens?: 0 | 1 };

/** A parameter and its initialisation. */
export interface ModelParameter extends ParameterSpec {
  /** How it is filled at the start. */
  init: Init;
}

const zeros: Init = { kind: "constant", value: 0 };
const ones: Init = { kind: "constant", value: 1 };

/** Weight [out, in] by Xavier's uniform rule and a zero bias, as every Linear of MAE and LocalMIM. */
export function linearParameters(name: string, fanIn: number, fanOut: number): ModelParameter[] {
  return [
    { name: `${name}.weight`, shape: [fanOut, fanIn], init: { kind: "xavierUniform", fanIn, fanOut } },
    { name: `${name}.bias`, shape: [fanOut], init: zeros },
  ];
}

/** Weight 1 and bias 0. */
export function normParameters(name: string, width: number): ModelParameter[] {
  return [
    { name: `${name}.weight`, shape: [width], init: ones },
    { name: `${name}.bias`, shape: [width], init: zeros },
  ];
}

/** A convolution as PyTorch initialises it by default: weight and bias uniform within 1 / sqrt(fan in). */
export function convParameters(name: string, shape: number[], fanIn: number, width: number): ModelParameter[] {
  const init: Init = { kind: "uniform", bound: 1 / Math.sqrt(fanIn) };
  return [{ name: `${name}.weight`, shape, init }, { name: `${name}.bias`, shape: [width], init }];
}

/**
 * The convolution that embeds patches: weight by Xavier's rule as a flat matrix, bias as PyTorch's default.
 *
 * @param patchLength 3 * patchSize^2
 */
export function patchEmbedParameters(embedDim: number, patchSize: number, patchLength: number): ModelParameter[] {
  return [
    {
      name: "patch_embed.proj.weight",
      shape: [embedDim, 3, patchSize, patchSize],
      init: { kind: "xavierUniform", fanIn: patchLength, fanOut: embedDim },
    },
    {
      name: "patch_embed.proj.bias",
      shape: [embedDim],
      init: { kind: "uniform", bound: 1 / Math.sqrt(patchLength) },
    },
  ];
}

/** A learned token [1, 1, dim], normal with deviation 0.02. */
export function tokenParameter(name: string, dim: number): ModelParameter {
  return { name, shape: [1, 1, dim], init: { kind: "normal", std: 0.02 } };
}

/** A pre-norm transformer block: attention with fused qkv, then an MLP; names as in timm. */
export function blockParameters(name: string, dim: number, mlpRatio: number): ModelParameter[] {
  return [
    ...normParameters(`${name}.norm1`, dim),
    ...linearParameters(`${name}.attn.qkv`, dim, 3 * dim),
    ...linearParameters(`${name}.attn.proj`, dim, dim),
    ...normParameters(`${name}.norm2`, dim),
    ...linearParameters(`${name}.mlp.fc1`, dim, mlpRatio * dim),
    ...linearParameters(`${name}.mlp.fc2`, mlpRatio * dim, dim),
  ];
}
