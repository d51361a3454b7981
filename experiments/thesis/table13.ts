// Table 13 of the thesis (section 4.5.1): which base learning rate suits IN-100 where nothing freezes? ViT-B, 100 + 100
// epochs, 1.0e-4 to 2.6e-4.
//
//   deno task repro thesis.table13 [--profile NAME] [--seeds N]
//
// Published: top-1 86.56, 85.32, 72.94, 80.62, 75.78, 75.82, 50.54. laptop: 10 minutes on 2 cores.

import { top1 } from "../../records/readings.ts";
import { byRow, type Experiment } from "../experiment.ts";
import { VIT, type VitSettings } from "../recipes/vit.ts";
import { scratchControl } from "../recipes/scratch.ts";
import { onSubset, vitRun } from "../recipes/vitRuns.ts";

/** Factors on the subsets' base rate by printed row: 1 is 1.0e-4. */
const RATES = { lr_1_0e4: 1, lr_1_2e4: 1.2, lr_1_4e4: 1.4, lr_2e4: 2, lr_2_2e4: 2.2, lr_2_4e4: 2.4, lr_2_6e4: 2.6 };

function run(settings: VitSettings, factor: number) {
  const { pretrain } = settings, rate = { ...pretrain, baseLr: pretrain.baseLr * factor };
  return vitRun(`base LR x ${factor}`, { ...settings, pretrain: rate }, null);
}

export const table13: Experiment<VitSettings> = {
  id: "thesis.table13",
  question: "Which base learning rate suits IN-100 where nothing freezes?",
  minutes: { ci: 2, laptop: 10, cifar10: 50, "evidence-small": 40, tinyimagenet: 90 },
  recipe: VIT,
  runs(settings) {
    const in100 = onSubset(settings, "in100");
    return Object.fromEntries(Object.entries(RATES).map(([row, factor]) => [row, run(in100, factor)]));
  },
  controls: (settings) => ({ scratch: scratchControl(onSubset(settings, "in100"), "lr_1_0e4") }),
  fills: [{ table: "thesis.table13", baseline: "lr_1_0e4", cell: byRow({ top1 }) }],
};
