import { createHog } from "../../hog/createHog.ts";
import { randomMask } from "../../masking/randomMask.ts";
import { gridSize, tokenCount } from "../../models/config.ts";
import { gatherPatches } from "../../models/patches.ts";
import type { MethodView } from "../view.ts";
import { cellSize, type LocalMimConfig, targetChannels } from "./config.ts";
import { maskFeeds, unfoldPrediction } from "./feeds.ts";
import { localMimProgram } from "./program.ts";

/** HOG targets of all cells as in training (`createHog`), and predictions of all patches. */
export function localMimView(config: LocalMimConfig): MethodView {
  const { imageSize, maskRatio, stageBlocks, stageScales, hogBins: bins } = config, grid = gridSize(config);
  const stages = stageBlocks.map((block, stage) => {
    return { block, side: grid * stageScales[stage], cellPixels: cellSize(config, stage) };
  });
  const hog = createHog({
    height: imageSize,
    width: imageSize,
    cells: stages.map(({ cellPixels }) => cellPixels),
    bins,
  });
  return {
    kind: "hog",
    title: "LocalMIM",
    maskRatio,
    grid,
    stages,
    mask: (random) => randomMask(random, tokenCount(config), maskRatio),
    targets(pixels) {
      const targets = stages.map(({ side }) => new Float32Array(side ** 2 * targetChannels(config)));
      hog(pixels, 0, targets, 0);
      return targets;
    },
    program: (liveStages) => localMimProgram({ config, batch: 1, liveStages, heads: "all" }),
    inputs: (image, mask) => ({ ...maskFeeds(config, [mask]), patches: gatherPatches(image, config, [mask.idsKeep]) }),
    prediction: (outputs, stage) => unfoldPrediction(config, stage, outputs[`pred${stage}`]),
  };
}
