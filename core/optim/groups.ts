import type { ParameterSpec } from "../engine/program.ts";
import type { SwinShape } from "../models/config.ts";
import { swinLayer } from "../models/swin/config.ts";

/**
 * Whether weight decay acts on a parameter in pre-training: not on biases and one-dimensional tensors; on class and mask
 * tokens it does, since they have three dimensions (LocalMIM code, timm's add_weight_decay).
 */
export function decaysInPretraining({ name, shape }: ParameterSpec): boolean {
  return shape.length > 1 && !name.endsWith(".bias");
}

/**
 * Whether weight decay acts on a parameter in fine-tuning: as in pre-training, but class token and positions are left
 * out (LocalMIM code, `no_weight_decay`).
 */
export function decaysInFinetuning(spec: ParameterSpec): boolean {
  return decaysInPretraining(spec) && spec.name !== "cls_token" && spec.name !== "pos_embed";
}

/**
 * Layer of a parameter for layer-wise LR decay (BEiT, MAE, LocalMIM fine-tuning): tokens, positions and patch embedding
 * 0, block i is i + 1, all behind the blocks is depth + 1. Convolution stages and their embeddings are 0, too (DMJD fine-tuning).
 *
 * @param swin the stages of a Swin transformer, whose blocks are counted through all of them (SimMIM fine-tuning)
 */
export function layerDecayId(name: string, depth: number, swin?: SwinShape): number {
  if (swin) return swinLayer(name, swin) ?? depth + 1;
  if (name === "cls_token" || name === "pos_embed" || /^(patch_embed\d?|blocks[12])\./.test(name)) return 0;
  const block = /^blocks3?\.(\d+)\./.exec(name);
  return block ? Number(block[1]) + 1 : depth + 1;
}

/**
 * Factor on the learning rate under layer-wise LR decay: layerDecay^(depth + 1 - id), so the head has 1.
 *
 * @param name parameter name
 * @param depth number of transformer blocks
 * @param layerDecay decay per layer, 0.75 for the 100-epoch recipe
 */
export function layerDecayFactor(name: string, depth: number, layerDecay: number, swin?: SwinShape): number {
  return layerDecay ** (depth + 1 - layerDecayId(name, depth, swin));
}

/**
 * The linear scaling rule, lr = base * batch / 256 (Goyal et al. 2017).
 *
 * @param baseLr learning rate per 256 images
 * @param batch images per optimiser step: batch size times accumulated micro-batches
 * @example The published batch
 * ```ts
 * import { scaleLr } from "@vitfreeze/vitfreeze/methods";
 * import { deepStrictEqual } from "node:assert";
 *
 * deepStrictEqual(scaleLr(2e-4, 2048), 1.6e-3);
 * ```
 */
export function scaleLr(baseLr: number, batch: number): number {
  return baseLr * batch / 256;
}
