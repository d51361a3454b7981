import type { FinetuneSettings, PretrainSettings, ProbeSettings } from "../phases.ts";

type Sections =
  & Partial<Pick<PretrainSettings, "freeze">>
  & Pick<PretrainSettings, "pretrain">
  & Pick<FinetuneSettings, "finetune">
  & Pick<ProbeSettings, "linear">;

/** A setting of training that does not fit another one: key, value found, value wanted. */
export function trainingFault({ freeze, pretrain, finetune, linear }: Sections): string | undefined {
  if (freeze?.backward === "cut" && freeze.clsToken === "global") {
    return "freeze.backward cut with freeze.clsToken global: want layer0, for a live class token keeps the pass uncut";
  }
  for (const [section, { warmupEpochs, epochs }] of Object.entries({ pretrain, finetune, linear })) {
    if (warmupEpochs >= epochs) {
      return `${section}.warmupEpochs ${warmupEpochs}: want fewer than the ${epochs} of ${section}.epochs`;
    }
  }
  for (const [section, { cropScale }] of Object.entries({ pretrain, finetune })) {
    if (cropScale[0] > cropScale[1]) return `${section}.cropScale ${JSON.stringify(cropScale)}: want [low,high]`;
  }
  if (finetune.minLr > finetune.lr) {
    return `finetune.minLr ${finetune.minLr}: want at most the ${finetune.lr} of finetune.lr`;
  }
  if ((finetune.mixup > 0 || finetune.cutmix > 0) && finetune.batch % 2) {
    return `finetune.batch ${finetune.batch}: want an even number, for images are mixed in pairs`;
  }
}
