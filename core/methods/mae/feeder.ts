import { masksByView } from "../../masking/byView.ts";
import { drawViews } from "../../masking/drawViews.ts";
import { gridSize } from "../../models/config.ts";
import type { Feeder } from "../method.ts";
import { isHog, type MaeConfig } from "./config.ts";
import { maeFeeds } from "./feeds.ts";
import { hogTargets, pixelTargets, whitenFeatures } from "./targets.ts";

/** One target an image, the masks of its views, and the patches that each view leaves visible. */
export function maeFeeder(config: MaeConfig): Feeder {
  const grid = gridSize(config);
  return {
    // Pixels as a target follow from the normalised images, features come from elsewhere.
    targets: (pixels, count) => isHog(config) ? [hogTargets(config, pixels, count)] : [],
    inputs(images, count, [given], random) {
      const views = masksByView(count, config.views, (image) => drawViews(config, grid, (view) => random(image, view)));
      const target = config.teacher
        ? whitenFeatures(given, config.teacher.dim)
        : given ?? pixelTargets(config, images, count);
      return maeFeeds(config, images, target, views);
    },
  };
}
