// Tables 14, 15 and 16 of the thesis (section 4.5.2): which power of SR-LR, of LR-LR, and of LR-LR on top of SR-LR 0.8
// suits ViTFreeze on IN-100? ViT-B, t0 = 0.8 cubic, 100 + 100 epochs.
//
//   deno task repro thesis.table14 [--profile NAME] [--seeds N]
//
// Published: SR-LR 83.36 to 86.44, best at 0.8; LR-LR 82.98 to 85.82, best at 0.7; both 85.78 to 86.10, best at 0.6.
// laptop: 25 minutes on 2 cores.

import { top1 } from "../../records/readings.ts";
import type { Experiment, Fill } from "../experiment.ts";
import { VIT, type VitSettings } from "../recipes/vit.ts";
import { scratchControl } from "../recipes/scratch.ts";
import { onSubset, vitRun } from "../recipes/vitRuns.ts";

/** Powers by printed row, p_0_2 being 0.2. */
const SR_LR = ["p_0_2", "p_0_4", "p_0_6", "p_0_8", "p_0_9", "p_0_75", "p_0_85", "p_1_0", "p_1_2"];
const LR_LR = ["p_0_2", "p_0_3", "p_0_4", "p_0_5", "p_0_6", "p_0_7"];
const BOTH = ["p_0_2", "p_0_3", "p_0_4", "p_0_5", "p_0_6"];
const power = (row: string) => Number(row.slice(2).replace("_", "."));

/** A printed row is the run of the same name behind the rule's. */
const fill = (table: string, rule: string): Fill => ({
  table,
  cell: (row, column) => column === "top1" ? { run: `${rule}.${row}`, reading: top1 } : undefined,
});

export const table14: Experiment<VitSettings> = {
  id: "thesis.table14",
  question: "Which powers of SR-LR and LR-LR suit ViTFreeze on IN-100?",
  minutes: { ci: 5, laptop: 25, cifar10: 120, "evidence-small": 100, tinyimagenet: 210 },
  recipe: VIT,
  runs(settings) {
    const in100 = onSubset(settings, "in100"), srLr = settings.freeze.srLrPower;
    const run = (label: string, freezing: { srLr?: number; lrLr?: number }) => vitRun(label, in100, freezing);
    return Object.fromEntries([
      ...SR_LR.map((row) => [`srlr.${row}`, run(`SR-LR ${power(row)}`, { srLr: power(row) })]),
      ...LR_LR.map((row) => [`lrlr.${row}`, run(`LR-LR ${power(row)}`, { lrLr: power(row) })]),
      ...BOTH.map((row) => [`both.${row}`, run(`SR-LR ${srLr}, LR-LR ${power(row)}`, { srLr, lrLr: power(row) })]),
    ]);
  },
  controls(settings) {
    const in100 = onSubset(settings, "in100");
    return {
      localmim: { ...vitRun("LocalMIM-HOG", in100, null), like: "srlr.p_0_8" },
      vitfreeze: { ...vitRun("ViTFreeze", in100, {}), like: "srlr.p_0_8" },
      scratch: scratchControl(in100, "srlr.p_0_8"),
    };
  },
  fills: [fill("thesis.table14", "srlr"), fill("thesis.table15", "lrlr"), fill("thesis.table16", "both")],
};
