// Tables 11 and 12 of the thesis (section 4.4): is ViTFreeze better than LocalMIM stopped early? The shorter LocalMIM are
// no runs of their own: they are fine-tuned from the 50th, 70th and 90th epoch of the one of 100. ViT-B on ImageNet-1K.
//
//   deno task repro thesis.table11 [--profile NAME] [--seeds N]
//
// Published: 24, 33.6, 43.2, 48 GPU hours and top-1 83.09, 83.17, 83.38, 83.20; ViTFreeze 42 hours, 82.66.
// laptop: 7 minutes on 2 cores, 3 after Table 17, with which it shares three pre-trainings and three fine-tunings.

import { hoursPerEpoch, pretrainLoss, top1, top5, totalHours } from "../../records/readings.ts";
import { byRow, type Experiment, type Run } from "../experiment.ts";
import { finetune, pretrain } from "../phases.ts";
import { VIT, type VitSettings } from "../recipes/vit.ts";
import { type Frozen, frozenRuns, lengthControls, liveControls, vitRun } from "../recipes/vitRuns.ts";

/** Percent of pre-training after which it stops. */
const STOPS = [50, 70, 90];

function stopped(settings: VitSettings, percent: number): Run {
  const epochs = Math.max(1, Math.floor(settings.pretrain.epochs * percent / 100));
  return { label: `LocalMIM-HOG, ${epochs} epochs`, phases: [finetune(settings, pretrain(settings, null), epochs)] };
}

const FROZEN: Frozen = {
  vitfreeze: ["ViTFreeze", {}],
  vitfreeze_unscaled: ["ViTFreeze w/o LR scaling", { scaled: false }],
};

export const table11: Experiment<VitSettings> = {
  id: "thesis.table11",
  question: "Is ViTFreeze better than LocalMIM stopped early?",
  minutes: { ci: 2, laptop: 7, cifar10: 35, "cifar10-full": 380, tinyimagenet: 70 },
  recipe: VIT,
  runs: (settings) => ({
    ...Object.fromEntries(STOPS.map((percent) => [`localmim_${percent}`, stopped(settings, percent)])),
    localmim_100: vitRun("LocalMIM-HOG", settings, null),
    ...frozenRuns(settings, FROZEN),
  }),
  controls: (settings) => ({ ...liveControls(settings, FROZEN), ...lengthControls(settings, "localmim_100") }),
  fills: [
    {
      table: "thesis.table11",
      baseline: "localmim_100",
      cell: byRow({ hours_per_epoch: hoursPerEpoch, total_hours: totalHours, top1, top5 }),
    },
    { table: "thesis.table12", baseline: "localmim_100", cell: byRow({ top1, top5, pt_loss: pretrainLoss }) },
  ],
};
