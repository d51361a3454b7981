import type { Owner } from "../method.ts";
import { type LocalMimConfig, targetChannels } from "./config.ts";
import { patchLength, type VitConfig } from "../../models/config.ts";
import {
  blockParameters,
  convParameters,
  linearParameters,
  type ModelParameter,
  normParameters,
  patchEmbedParameters,
  tokenParameter,
} from "../../models/parameters.ts";

/** A ConvTranspose 2x2 stride 2; PyTorch counts its fan-in as out * 4. */
function upsample(name: string, from: number, to: number): ModelParameter[] {
  return convParameters(name, [from, to, 2, 2], to * 4, to);
}

/** The rescaling head of one decoder and its 1 x 1 convolution (as the LocalMIM code has it). */
function headParameters(name: string, dim: number, scale: number, channels: number): ModelParameter[] {
  const predict = (index: number, from: number) =>
    convParameters(`${name}.${index}`, [channels, from, 1, 1], from, channels);
  switch (scale) {
    case 4:
      return [
        ...upsample(`${name}.0`, dim, dim / 2),
        ...normParameters(`${name}.1`, dim / 2),
        ...upsample(`${name}.3`, dim / 2, dim / 4),
        ...predict(4, dim / 4),
      ];
    case 2:
      return [...upsample(`${name}.0`, dim, dim / 2), ...predict(1, dim / 2)];
    case 1:
      return predict(0, dim);
    case 0.5:
      return predict(1, dim);
    default:
      throw new RangeError(`Cannot build a decoder of scale ${scale}: want 4, 2, 1 or 0.5`);
  }
}

/** Parameters of the encoder; positions are fixed and are no parameter. */
export function encoderParameters(config: VitConfig): ModelParameter[] {
  const { embedDim, patchSize, depth, mlpRatio } = config;
  return [
    tokenParameter("cls_token", embedDim),
    ...patchEmbedParameters(embedDim, patchSize, patchLength(config)),
    ...Array.from({ length: depth }, (_, i) => blockParameters(`blocks.${i}`, embedDim, mlpRatio)).flat(),
  ];
}

/** Parameters of one stage: the norm on the latent, and the decoder. */
export function stageParameters(config: LocalMimConfig, stage: number): ModelParameter[] {
  const { embedDim, decoderDim, mlpRatio } = config, name = `decoder.${stage}`;
  return [
    ...normParameters(`norm.${stage}`, embedDim),
    tokenParameter(`${name}.mask_token`, decoderDim),
    ...linearParameters(`${name}.embed`, embedDim, decoderDim),
    ...blockParameters(`${name}.blocks.0`, decoderDim, mlpRatio),
    ...normParameters(`${name}.norm`, decoderDim),
    ...headParameters(`${name}.pred`, decoderDim, config.stageScales[stage], targetChannels(config)),
  ];
}

/**
 * All parameters of a LocalMIM model, under the names of the official checkpoint.
 *
 * @example Numbers that ViT-B and its four decoders train
 * ```ts
 * import { LOCALMIM_VIT_B, localMimParameters } from "@vitfreeze/vitfreeze/methods";
 * import { deepStrictEqual } from "node:assert";
 *
 * const sizes = localMimParameters(LOCALMIM_VIT_B).map(({ shape }) => shape.reduce((a, b) => a * b));
 * deepStrictEqual(sizes.reduce((a, b) => a + b), 89916140);
 * ```
 */
export function localMimParameters(config: LocalMimConfig): ModelParameter[] {
  return [...encoderParameters(config), ...config.stageScales.map((_, stage) => stageParameters(config, stage)).flat()];
}

/**
 * The owner of a pre-training parameter.
 *
 * @param name e.g. "blocks.3.attn.qkv.weight" (layer 4), "norm.2.bias" (stage 2), "cls_token"
 */
export function ownerOf(name: string): Owner {
  if (name === "cls_token") return "clsToken";
  if (name.startsWith("patch_embed.")) return { layer: 0 };
  const block = /^blocks\.(\d+)\./.exec(name);
  if (block) return { layer: Number(block[1]) + 1 };
  const stage = /^(?:norm|decoder)\.(\d+)\./.exec(name);
  if (stage) return { stage: Number(stage[1]) };
  throw new RangeError(`Cannot say what '${name}' belongs to: want cls_token, patch_embed, blocks, norm or decoder`);
}
