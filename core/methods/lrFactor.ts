import type { ViewsConfig } from "../masking/drawViews.ts";

/**
 * Images that the learning rate is scaled by: "adaptive", unique ones times prediction over corruption rate (DMJD eq. 4);
 * "unique"; "views", every view counts.
 */
export type LrRule = "adaptive" | "unique" | "views";

/** The factor on the learning rate of so many unique images (DMJD eq. 4 and the linear rules beside it). */
export function lrFactor(
  { lrRule, views, predRatio, maskRatio }: Pick<ViewsConfig, "views" | "predRatio" | "maskRatio"> & { lrRule: LrRule },
): number {
  return lrRule === "views" ? views : lrRule === "adaptive" ? predRatio / maskRatio : 1;
}
