// Table III of DMJD (section IV-B-1): what do disjoint views save on four methods, and do they keep the accuracy? Each at its own
// recipe on ImageNet-1K, ViT-B and ViT-L; segmentation apart.
//
//   deno task repro dmjd.table3 [--profile NAME] [--seeds N] [--rows simmim,simmim_dm] [--tokens PATH]
//
// Published: hours fall 1.4 to 3.7 times, fine-tuning changes by 0.0 to +0.2. BEiT's words are a fixed quantiser's, or
// those of a file.

import { hoursWithLoading, knnTop1, linearTop1, top1 } from "../../records/readings.ts";
import { byRow, type Experiment } from "../experiment.ts";
import { ALL_TOKENS, type AllTokensSettings } from "../recipes/allTokens.ts";
import { disjointOf, methodControls, methodRun } from "../recipes/allTokensRuns.ts";
import { disjoint, mimRun } from "../recipes/mimRuns.ts";

/** The settings of the larger model. */
function largeOf(settings: AllTokensSettings): AllTokensSettings {
  const { large, model, finetune, maskfeat } = settings, tuned = { ...finetune, ...large.finetune };
  const own = { ...maskfeat, model: { ...maskfeat.model, ...large.model }, finetune: tuned };
  return { ...settings, model: { ...model, ...large.model }, finetune: tuned, maskfeat: own };
}

export const table3: Experiment<AllTokensSettings> = {
  id: "dmjd.table3",
  question: "What do disjoint views save on BEiT, SimMIM, MAE and MaskFeat, and do they keep the accuracy?",
  minutes: { ci: 4 },
  recipe: ALL_TOKENS,
  runs(settings) {
    const large = largeOf(settings), cells = { ...disjoint(settings, "cells"), length: 0.5 };
    return {
      beit: methodRun("BEiT", settings, "beit"),
      beit_dm: methodRun("BEiT + DM", settings, "beit", disjointOf(settings, "beit")),
      simmim: methodRun("SimMIM", settings, "simmim"),
      simmim_dm: methodRun("SimMIM + DM", settings, "simmim", disjointOf(settings, "simmim")),
      mae: mimRun("MAE", settings, {}),
      mae_dm: mimRun("MAE + DM", settings, disjoint(settings, "uniform")),
      maskfeat: methodRun("MaskFeat", settings, "maskfeat"),
      maskfeat_dm: methodRun("MaskFeat + DM", settings, "maskfeat", disjointOf(settings, "maskfeat")),
      mae_l: mimRun("MAE, larger", large, {}),
      mae_l_dm: mimRun("MAE + DM, larger", large, cells),
      maskfeat_l: methodRun("MaskFeat, larger", large, "maskfeat"),
      maskfeat_l_dm: methodRun("MaskFeat + DM, larger", large, "maskfeat", disjointOf(large, "maskfeat")),
    };
  },
  controls: (settings) => ({
    ...methodControls(settings, "beit", "BEiT"),
    ...methodControls(settings, "simmim", "SimMIM"),
    ...methodControls(settings, "maskfeat", "MaskFeat"),
  }),
  fills: [{
    table: "dmjd.table3",
    baseline: (row) => row.replace(/_dm$/, ""),
    cell: byRow({ gpu_hours: hoursWithLoading, ft: top1 }),
    beside: { linear: linearTop1, knn: knnTop1 },
    unfilled: { speedup: "the ratio of the hours", miou: "segmentation is not part of this project" },
  }],
};
