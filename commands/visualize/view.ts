import type { Arena } from "../../core/engine/arena.ts";
import type { Engine } from "../../core/engine/engine.ts";
import { UserError } from "../../core/errors.ts";
import { createHog } from "../../core/hog/createHog.ts";
import { poolMask } from "../../core/masking/poolMask.ts";
import type { Mask } from "../../core/masking/randomMask.ts";
import { cellSize, type LocalMimConfig, targetChannels } from "../../core/methods/localmim/config.ts";
import { gridSize } from "../../core/models/config.ts";
import { localMimProgram } from "../../core/methods/localmim/program.ts";
import { gatherPatches } from "../../core/models/patches.ts";
import { maskFeeds, unfoldPrediction } from "../../core/methods/localmim/feeds.ts";
import { toPlanar } from "../../datasets/transforms/normalize.ts";

/** Target and prediction of one stage for one image. */
export interface StageView {
  /** Index of the stage, and the block after which it branches off. */
  stage: number;
  block: number;
  /** Cells per side of the image, and pixels per side of a cell. */
  side: number;
  cellPixels: number;
  /** [side * side, 3 * bins], cells row-major, channels outermost. */
  target: Float32Array;
  /** Of the same form; absent where there is no decoder. */
  prediction?: Float32Array;
  /** Masked share of each cell, [side * side]. */
  weight: Float32Array;
}

/** Shows single images to a model. */
export interface Viewer {
  /**
   * Target and prediction of every stage.
   *
   * @param pixels RGB bytes, [S, S, 3]
   * @throws {UserError} when a prediction is no finite number
   */
  view(pixels: Uint8Array, mask: Mask): Promise<StageView[]>;
  dispose(): void;
}

/**
 * Makes a viewer: HOG targets of all cells as in training (`createHog`), predictions of all tokens.
 *
 * @param liveStages which stages have a decoder in the arena; one at least
 */
export async function createViewer(
  engine: Engine,
  model: LocalMimConfig,
  arena: Arena,
  liveStages: boolean[],
): Promise<Viewer> {
  const { imageSize, stageScales, stageBlocks, hogBins: bins } = model, grid = gridSize(model);
  const step = await engine.infer(localMimProgram({ config: model, batch: 1, liveStages, heads: "all" }), arena);
  const cells = stageBlocks.map((_, stage) => cellSize(model, stage));
  const hog = createHog({ height: imageSize, width: imageSize, cells, bins });
  return {
    async view(pixels, mask) {
      const targets = stageScales.map((scale) => new Float32Array((grid * scale) ** 2 * targetChannels(model)));
      hog(pixels, 0, targets, 0);
      const image = new Float32Array(pixels.length);
      toPlanar(pixels, image, 0);
      const outputs = await step.run({
        ...maskFeeds(model, [mask]),
        patches: gatherPatches(image, model, [mask.idsKeep]),
      });
      return stageBlocks.map((block, stage) => ({
        stage,
        block,
        side: grid * stageScales[stage],
        cellPixels: cells[stage],
        target: targets[stage],
        ...(liveStages[stage] && { prediction: inPlace(model, stage, outputs[`pred${stage}`]) }),
        weight: poolMask(mask.mask, grid, stageScales[stage]),
      }));
    },
    dispose: () => step.dispose(),
  };
}

/** A copy in the order of the image; what a step returns is overwritten by its next run. */
function inPlace(model: LocalMimConfig, stage: number, rows: Float32Array): Float32Array {
  const odd = rows.find((value) => !Number.isFinite(value));
  if (odd !== undefined) {
    throw new UserError(`Cannot draw stage ${stage + 1}: it predicts ${odd}, want finite numbers; the model diverged`);
  }
  return unfoldPrediction(model, stage, rows).slice();
}
