import type { Arena } from "../../core/engine/arena.ts";
import type { Engine } from "../../core/engine/engine.ts";
import { UserError } from "../../core/errors.ts";
import { poolMask } from "../../core/masking/poolMask.ts";
import type { Mask } from "../../core/masking/randomMask.ts";
import type { Measure, MethodView, StageCells } from "../../core/methods/view.ts";
import { toPlanar } from "../../datasets/transforms/normalize.ts";

/** Target and prediction of one stage for one masked view of one image. */
export interface StageView extends StageCells {
  /** Index of the stage. */
  stage: number;
  /** Index of the masked view. */
  view: number;
  /** [side * side, C], cells row-major, channels outermost. */
  target: Float32Array;
  /** Of the same form; absent where there is no decoder. */
  prediction?: Float32Array;
  /** Masked share of each cell, [side * side]. */
  weight: Float32Array;
  measure: Measure;
}

/** Shows single images to a model. */
export interface Viewer {
  /**
   * Target and prediction of every stage in every view, stages outermost.
   *
   * @param pixels RGB bytes, [S, S, 3]
   * @param masks of the views
   * @throws {UserError} when a prediction is no finite number
   */
  view(pixels: Uint8Array, masks: readonly Mask[]): Promise<StageView[]>;
  dispose(): void;
}

/**
 * Makes a viewer.
 *
 * @param view of the model's method
 * @param liveStages which stages have a decoder in the arena; one at least
 */
export async function createViewer(
  engine: Engine,
  view: MethodView,
  arena: Arena,
  liveStages: boolean[],
): Promise<Viewer> {
  const step = await engine.infer(view.program(liveStages), arena), { grid, stages } = view;
  return {
    async view(pixels, masks) {
      const image = new Float32Array(pixels.length);
      toPlanar(pixels, image, 0);
      const targets = view.targets(pixels, image), outputs = await step.run(view.inputs(image, masks));
      return stages.flatMap((cells, stage) =>
        masks.map(({ mask }, own) => ({
          ...cells,
          stage,
          view: own,
          target: targets[stage],
          // A copy: what a step returns is overwritten by its next run.
          ...(liveStages[stage] && { prediction: finite(view.prediction(outputs, stage, own), stage).slice() }),
          weight: poolMask(mask, grid, cells.side / grid),
          measure: view.measure,
        }))
      );
    },
    dispose: () => step.dispose(),
  };
}

function finite(values: Float32Array, stage: number): Float32Array {
  const odd = values.find((value) => !Number.isFinite(value));
  if (odd === undefined) return values;
  throw new UserError(`Cannot draw stage ${stage + 1}: it predicts ${odd}, want finite numbers; the model diverged`);
}
