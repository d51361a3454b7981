// Table 17 of the thesis (section 4.5.3): does SR-LR win back what freezing costs? LocalMIM and three ways to freeze it,
// ViT-B on ImageNet-1K, 100 + 100 epochs. Table 18 and Table 1 of the ViTFreeze paper print the same runs.
//
//   deno task repro thesis.table17 [--profile NAME] [--seeds N]
//
// Published: 0.48, 0.42, 0.42, 0.42 GPU hours an epoch; top-1 83.20, 82.66, 82.94, 83.10.
// laptop: 5 minutes on 2 cores; expect 0.74 to 0.83 of LocalMIM's time where layers freeze, and LocalMIM at about 70 %.

import { hoursPerEpoch, knnTop1, linearTop1, pretrainLoss, top1, top5, totalHours } from "../../records/readings.ts";
import { byRow, type Experiment } from "../experiment.ts";
import { VIT, type VitSettings } from "../recipes/vit.ts";
import { type Frozen, frozenRuns, lengthControls, liveControls, vitRun } from "../recipes/vitRuns.ts";

const FROZEN = (srLr: number): Frozen => ({
  vitfreeze: ["ViTFreeze", {}],
  vitfreeze_unscaled: ["ViTFreeze w/o LR scaling", { scaled: false }],
  vitfreeze_srlr: ["ViTFreeze w/ SR-LR", { srLr }],
});

export const table17: Experiment<VitSettings> = {
  id: "thesis.table17",
  question: "Does SR-LR win back what freezing costs? LocalMIM and three ways to freeze it",
  minutes: { ci: 1, laptop: 5, cifar10: 25, "cifar10-full": 270, evidence: 130, tinyimagenet: 50 },
  recipe: VIT,
  runs: (settings) => ({
    localmim: vitRun("LocalMIM-HOG", settings, null),
    ...frozenRuns(settings, FROZEN(settings.freeze.srLrPower)),
  }),
  controls: (settings) => ({
    ...liveControls(settings, FROZEN(settings.freeze.srLrPower)),
    ...lengthControls(settings, "localmim"),
  }),
  fills: [
    {
      table: "thesis.table17",
      baseline: "localmim",
      cell: byRow({ gpu_hours: hoursPerEpoch, top1, top5 }),
      beside: { linear: linearTop1, knn: knnTop1 },
    },
    { table: "thesis.table18", baseline: "localmim", cell: byRow({ top1, top5, pt_loss: pretrainLoss }) },
    {
      table: "vitfreeze.table1",
      baseline: "localmim",
      cell: byRow({ gpu_hours: hoursPerEpoch, total_gpu_hours: totalHours, top1, top5 }, { ours: "vitfreeze" }),
    },
  ],
};
