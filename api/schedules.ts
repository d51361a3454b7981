/**
 * Schedules of progressive freezing: when each layer of a model stops to train, and how fast it learns until then
 * (FreezeOut, ViTFreeze). It needs no permission.
 *
 * @module
 */
export { UserError } from "../core/errors.ts";
export { type CosineSchedule, cosineSchedule, halfCosine } from "../core/schedules/cosine.ts";
export { describeFreezing, describeRun } from "../core/schedules/describe.ts";
export type { FreezeSchedule } from "../core/schedules/freezeSchedule.ts";
export { runLength } from "../core/schedules/freezeSpans.ts";
export { type FreezeState, freezeState } from "../core/schedules/freezeState.ts";
export { freezeTimes } from "../core/schedules/freezeTimes.ts";
export { initialLrFactors, stageReduction } from "../core/schedules/initialLr.ts";
export { freezeEpochs, type LayerPlan, layerPlan, type StageEnd } from "../core/schedules/layerPlan.ts";
export { checkSchedule } from "../core/schedules/schedule.ts";
export { defaultStageBlocks, stageOfLayer } from "../core/schedules/stages.ts";
