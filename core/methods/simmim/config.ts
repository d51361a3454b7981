import type { ViewsConfig } from "../../masking/drawViews.ts";
import type { MaskedVit } from "../../models/maskedTokens.ts";
import type { VitConfig } from "../../models/config.ts";

/** Shape of a SimMIM model and its views. */
export interface SimMimConfig extends VitConfig, ViewsConfig {
  /** See `mae`. */
  lrRule: "adaptive" | "unique" | "views";
}

/** The encoder: biases by relative position, branches scaled by 0.1 at the start (SimMIM's configs of ViT-B). */
export function simMimEncoder(config: VitConfig): MaskedVit {
  return { ...config, positions: "relative", layerScale: 0.1 };
}
