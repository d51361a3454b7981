import * as tf from "@tensorflow/tfjs-core";
import type { Feeds, InputSpec } from "../engine/program.ts";
import type { Mask } from "../masking/randomMask.ts";
import { patchLength, type SwinShape, tokenCount, type VitConfig } from "../models/config.ts";
import { swinLayer } from "../models/swin/config.ts";
import { allTokens, gatherPatches } from "../models/patches.ts";
import type { Owner } from "./method.ts";

/*
 * What methods share whose encoder sees all patches, masked ones as a token: BEiT, SimMIM, MaskFeat. Every patch is predicted,
 * and the loss looks at the masked ones, whose number may differ from view to view.
 */

/** Inputs of a program of R views: all patches, which are masked, and a target of C numbers for each. */
export function allTokensInputs(config: VitConfig, rows: number, channels: number): Record<string, InputSpec> {
  const tokens = rows * tokenCount(config);
  return {
    patches: { shape: [tokens, patchLength(config)], dtype: "float32" },
    isMasked: { shape: [tokens, 1], dtype: "float32" },
    target: { shape: [tokens, channels], dtype: "float32" },
  };
}

/**
 * The inputs' values.
 *
 * @param images normalised, [B, 3, S, S]
 * @param target [B, N, C]
 * @param views masks of every view of every image: [view][image]
 */
export function allTokensFeeds(
  config: VitConfig,
  images: Float32Array,
  target: Float32Array,
  views: readonly (readonly Mask[])[],
): Feeds {
  const patches = gatherPatches(images, config, allTokens(views[0].length, tokenCount(config)));
  const repeated = (values: Float32Array) => {
    const all = new Float32Array(values.length * views.length);
    views.forEach((_, view) => all.set(values, view * values.length));
    return all;
  };
  const isMasked = Float32Array.from(views.flat().flatMap(({ mask }) => [...mask]));
  return { patches: repeated(patches), isMasked, target: repeated(target) };
}

/** Mean over the masked patches of a number for each patch, [R*N, 1]. */
export function maskedMean(each: tf.Tensor, isMasked: tf.Tensor): tf.Tensor {
  return tf.div(tf.sum(tf.mul(each, isMasked)), tf.sum(isMasked));
}

/**
 * The owner of a parameter: tokens, positions and the table that all blocks share are the patch embedding's, so that nothing below
 * the first live layer needs a gradient; what stands behind the last block never freezes.
 *
 * @param prefix before the names of the encoder's tensors
 * @param swin the stages of a Swin transformer
 * @throws {RangeError} for a name that is no parameter's
 */
export function encoderOwner(name: string, prefix = "", swin?: SwinShape): Owner {
  const own = name.startsWith(prefix) ? name.slice(prefix.length) : name;
  const layer = swin && swinLayer(own, swin);
  if (layer !== undefined) return { layer };
  if (own === "cls_token") return "clsToken";
  if (/^(patch_embed\.|mask_token$|pos_embed$|rel_pos_bias\.)/.test(own)) return { layer: 0 };
  const block = /^blocks\.(\d+)\./.exec(own);
  if (block) return { layer: Number(block[1]) + 1 };
  if (/^(norm\.|decoder\.|lm_head\.|pred_head\.)/.test(own)) return { stage: 0 };
  throw new RangeError(`Cannot say what '${name}' belongs to: want a parameter of an encoder of all patches`);
}
