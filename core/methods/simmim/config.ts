import type { ViewsConfig } from "../../masking/drawViews.ts";
import { type EncoderConfig, encoderOf, type VitConfig } from "../../models/config.ts";
import type { LrRule } from "../lrFactor.ts";

/** Shape of a SimMIM model and its views. */
export interface SimMimConfig extends VitConfig, ViewsConfig {
  /** What the learning rate is scaled by. */
  lrRule: LrRule;
}

/**
 * The encoder: biases by relative position, branches scaled by 0.1 at the start (SimMIM's configs of ViT-B); of Swin as it is
 * (its configs of Swin-B).
 */
export function simMimEncoder(config: VitConfig): EncoderConfig {
  if (config.swin) return encoderOf(config);
  return encoderOf({ ...config, positions: "relative", layerScale: 0.1 });
}
