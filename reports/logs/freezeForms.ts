import { UserError } from "../../core/errors.ts";
import { layerName, layerPlan } from "../../core/schedules/layerPlan.ts";
import type { FreezeSchedule } from "../../core/schedules/freezeSchedule.ts";
import { type Recipe, recipeSchedule } from "./recipe.ts";

/** What one form of a recipe's schedule predicts; epochs are counted from the start of the run. */
export interface FormPrediction {
  /** When each layer freezes; null for never. */
  layers: { name: string; epoch: number | null }[];
  /** When the stages end whose feeding block freezes. */
  ends: StageEnd[];
}

/** The end of a stage. */
export interface StageEnd {
  /** From 1, nearest the input. */
  stage: number;
  /** The block that feeds its decoder. */
  name: string;
  epoch: number;
}

/**
 * What a recipe predicts in one form of its schedule (METHOD of the thesis, section 3; see `FreezeSchedule.form`).
 *
 * @returns the prediction, or in one sentence why there is none
 */
export function predictForm(recipe: Recipe, form: FreezeSchedule["form"]): FormPrediction | string {
  if (recipe.blocks === null) return `the depth of model '${recipe.model}' is not known`;
  try {
    const schedule = recipeSchedule(recipe, 1, form);
    if (!schedule) return "nothing freezes";
    const plan = layerPlan(schedule), offset = recipe.blocks + 1 - schedule.layers;
    return {
      layers: plan.layers.map(({ layer, freezeEpoch }) => ({ name: layerName(layer + offset), epoch: freezeEpoch })),
      ends: plan.stages.flatMap(({ stage, block, endEpoch }) =>
        endEpoch === null ? [] : [{ stage, name: layerName(block + offset), epoch: endEpoch }]
      ),
    };
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}
