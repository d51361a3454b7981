import { createHog } from "../../hog/createHog.ts";
import { randomMask } from "../../masking/randomMask.ts";
import { gridSize, tokenCount } from "../../models/config.ts";
import { gatherPatches } from "../../models/patches.ts";
import type { Feeder } from "../method.ts";
import { cellSize, type LocalMimConfig, targetChannels } from "./config.ts";
import { maskFeeds, targetFeed } from "./feeds.ts";

/** HOG targets of the live stages, one random mask an image, and the patches that it leaves visible. */
export function localMimFeeder(config: LocalMimConfig, liveStages: boolean[]): Feeder {
  const { imageSize, hogBins: bins, maskRatio } = config, bytes = imageSize * imageSize * 3, grid = gridSize(config);
  const stages = config.stageBlocks.map((_, stage) => stage).filter((stage) => liveStages[stage]);
  const cells = stages.map((stage) => cellSize(config, stage));
  const hog = createHog({ height: imageSize, width: imageSize, cells, bins });
  return {
    targets(pixels, count) {
      const lengths = stages.map((stage) => count * (grid * config.stageScales[stage]) ** 2 * targetChannels(config));
      const targets = lengths.map((length) => new Float32Array(length)); // [B, cells, C] of each stage
      for (let b = 0; b < count; b++) hog(pixels, b * bytes, targets, b);
      return targets;
    },
    inputs(images, count, targets, random) {
      const masks = Array.from({ length: count }, (_, b) => randomMask(random(b, 0), tokenCount(config), maskRatio));
      const named = stages.map((stage, k) => [`target${stage}`, targetFeed(config, stage, targets[k], masks)]);
      return {
        ...maskFeeds(config, masks),
        patches: gatherPatches(images, config, masks.map(({ idsKeep }) => idsKeep)),
        ...Object.fromEntries(named),
      };
    },
  };
}
