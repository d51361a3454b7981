import { randomMask } from "../../masking/randomMask.ts";
import { gridSize, tokenCount } from "../../models/config.ts";
import { gatherPatches } from "../../models/patches.ts";
import type { MethodView } from "../view.ts";
import { cellSize, type LocalMimConfig } from "./config.ts";
import { localMimFeeder } from "./feeder.ts";
import { maskFeeds, unfoldPrediction } from "./feeds.ts";
import { localMimProgram } from "./program.ts";

/** HOG targets of all cells as in training, and predictions of all patches. */
export function localMimView(config: LocalMimConfig): MethodView {
  const { maskRatio, stageBlocks, stageScales } = config, grid = gridSize(config);
  const stages = stageBlocks.map((block, stage) => {
    return { block, side: grid * stageScales[stage], cellPixels: cellSize(config, stage) };
  });
  const feeder = localMimFeeder(config, stages.map(() => true));
  return {
    cells: { kind: "hog", form: "localmim", norm: "length" },
    measure: "squared",
    title: "LocalMIM",
    maskRatio,
    grid,
    views: 1,
    learned: "masked",
    stages,
    masks: (random) => [randomMask(random(0), tokenCount(config), maskRatio)],
    targets: (pixels) => feeder.targets(pixels, 1),
    program: (liveStages) => localMimProgram({ config, batch: 1, liveStages, heads: "all" }),
    inputs: (image, [mask]) => ({
      ...maskFeeds(config, [mask]),
      patches: gatherPatches(image, config, [mask.idsKeep]),
    }),
    prediction: (outputs, stage) => unfoldPrediction(config, stage, outputs[`pred${stage}`]),
  };
}
