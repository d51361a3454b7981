import { tokenCount } from "../../core/models/config.ts";
import { visibleCount } from "../../core/methods/localmim/config.ts";
import type { Table17Config } from "./config.ts";

/**
 * Tells of a value of a config that does not fit another one: key, value found, value wanted.
 *
 * Some conflicts would stop a run in its middle, the others would let it compute nonsense.
 */
export function conflict(config: Table17Config): string | undefined {
  return modelConflict(config.model) ?? trainingConflict(config);
}

/** Tells of a value of a model that does not fit another one. */
export function modelConflict(model: Table17Config["model"]): string | undefined {
  const { imageSize, patchSize, embedDim, numHeads, mlpRatio, decoderDim, decoderHeads, stageBlocks, stageScales } =
    model;
  const grid = imageSize / patchSize, largest = Math.max(1, ...stageScales);
  if (!Number.isInteger(grid) || grid % 2) {
    return `model.patchSize ${patchSize}: want one that divides ${imageSize} pixels into an even grid`;
  }
  if (patchSize % largest) {
    return `model.patchSize ${patchSize}: want a multiple of ${largest}, the cells per patch in model.stageScales`;
  }
  if (stageBlocks.length !== stageScales.length) {
    return `model.stageScales ${JSON.stringify(stageScales)}: want one per stage, ${stageBlocks.length}`;
  }
  if (embedDim % 4 || embedDim % numHeads) {
    return `model.embedDim ${embedDim}: want a multiple of 4 and of the ${numHeads} model.numHeads`;
  }
  if (decoderDim % 4 || decoderDim % decoderHeads) {
    return `model.decoderDim ${decoderDim}: want a multiple of 4 and of the ${decoderHeads} model.decoderHeads`;
  }
  if (![embedDim, decoderDim].every((dim) => Number.isInteger(dim * mlpRatio))) {
    return `model.mlpRatio ${mlpRatio}: want one that makes whole numbers of ${embedDim} and ${decoderDim}`;
  }
  const tokens = tokenCount(model), visible = model.maskRatio < 1 ? visibleCount(model) : 0;
  if (visible < 1 || visible === tokens) {
    return `model.maskRatio ${model.maskRatio}: want some of the ${tokens} patches masked and some visible`;
  }
}

function trainingConflict({ freeze, pretrain, finetune }: Table17Config): string | undefined {
  if (freeze.backward === "cut" && freeze.clsToken === "global") {
    return "freeze.backward cut with freeze.clsToken global: want layer0, for a live class token keeps the pass uncut";
  }
  for (const [phase, { warmupEpochs, epochs, cropScale }] of Object.entries({ pretrain, finetune })) {
    if (warmupEpochs >= epochs) {
      return `${phase}.warmupEpochs ${warmupEpochs}: want fewer than the ${epochs} of ${phase}.epochs`;
    }
    if (cropScale[0] > cropScale[1]) return `${phase}.cropScale ${JSON.stringify(cropScale)}: want [low,high]`;
  }
  if (finetune.minLr > finetune.lr) {
    return `finetune.minLr ${finetune.minLr}: want at most the ${finetune.lr} of finetune.lr`;
  }
  if ((finetune.mixup > 0 || finetune.cutmix > 0) && finetune.batch % 2) {
    return `finetune.batch ${finetune.batch}: want an even number, for images are mixed in pairs`;
  }
}
