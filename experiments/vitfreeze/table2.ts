// Table 2 of the ViTFreeze paper (section 4.2): where does ViTFreeze stand among methods of pre-training? The rows that a
// run can fill: training from scratch, MAE, LocalMIM at two lengths, and ViTFreeze, whose printed row is a product of ratios.
// MAE has the rates of LocalMIM: its row is for its times, and is not fine-tuned.
//
//   deno task repro vitfreeze.table2 [--profile NAME] [--seeds N]
//
// Published: scratch 82.3, LocalMIM 83.3 (100 epochs) and 84.0 (1600), ViTFreeze 82.5.
// laptop: 45 minutes on 2 cores, nearly all of it the longer MAE and LocalMIM.

import { hoursPerEpoch, top1, totalHours } from "../../records/readings.ts";
import { byRow, type Experiment } from "../experiment.ts";
import { finetune } from "../phases.ts";
import { VIT, type VitSettings } from "../recipes/vit.ts";
import { longer, maeRun, muchLonger, vitRun } from "../recipes/vitRuns.ts";

const OTHER_METHOD = "another method, which this project does not hold";
const OF_OTHERS = "a method that this project holds, run in the tables of DMJD",
  LARGE = "ViT-L, for which no profile has room";

export const table2: Experiment<VitSettings> = {
  id: "vitfreeze.table2",
  question: "Where does ViTFreeze stand between training from scratch and a longer LocalMIM?",
  minutes: { ci: 4, laptop: 45, cifar10: 300 },
  recipe: VIT,
  runs: (settings) => ({
    scratch_vitb: { label: "from scratch", phases: [finetune(settings, null)] },
    mae_vitb_800: maeRun("MAE, 8 times as long", longer(settings, { pre: 8 })),
    localmim_vitb_100: vitRun("LocalMIM-HOG", settings, null),
    localmim_vitb_1600: vitRun("LocalMIM-HOG, 16 times as long", muchLonger(settings), null),
    ours_hypothetical: vitRun("ViTFreeze", settings, {}),
  }),
  fills: [{
    table: "vitfreeze.table2",
    baseline: "localmim_vitb_100",
    cell(row, column) {
      if (row === "scratch_vitb" && column !== "acc" || row === "mae_vitb_800" && column === "acc") return undefined;
      return byRow({ gpu_hours: hoursPerEpoch, total_gpu_hours: totalHours, acc: top1 })(row, column);
    },
    unfilled: {
      ...Object.fromEntries(
        ["mocov3_vitb_600", "dino_vitb_300", "ibot_vitb_400", "cae_vitb_800", "lomar_vitb_1600"]
          .concat("data2vec_vitb_800", "peco_vitb_800").map((row) => [row, OTHER_METHOD]),
      ),
      beit_vitb_800: OF_OTHERS,
      maskfeat_vitb_1600: OF_OTHERS,
      mae_vitb_1600: "as the row of 800 epochs, for twice the time",
      mae_vitl_1600: LARGE,
      localmim_vitl_800: LARGE,
    },
  }],
};
