// Table 20 and figures 4 to 9 of the thesis (section 4.6; Table 19 lists what varies): how much data and training does
// freezing need? Four data sets, three lengths of pre-training, three of fine-tuning, three ways to freeze: 108 fine-tunings
// of 36 pre-trainings, ViT-B. Fewer classes train for more epochs, so that every data set has the same number of steps.
//
//   deno task grid thesis.table20 [--profile NAME] [--seeds N]
//
// Published: top-1 from 45.28 (IN-100, 20 + 20 epochs, t0 = 0.8) to 97.8; freezing loses most where training is short.
// ci: 20 minutes on 2 cores.

import { top1 } from "../../records/readings.ts";
import type { Control, Experiment, Run } from "../experiment.ts";
import { finetune, pretrain } from "../phases.ts";
import { VIT, type VitSettings } from "../recipes/vit.ts";
import { scratchControl } from "../recipes/scratch.ts";
import { longer, onSubset } from "../recipes/vitRuns.ts";

/** Classes, and the printed base length in epochs. */
const SETS = { in100: 100, in25: 400, in10: 1000, in5: 2000 } as const;
/** Of the base length. */
const LENGTHS = [5, 1, 0.2];

/** How layers freeze, by printed column. */
const COLUMNS = (srLr: number) => ({ acc_t08: {}, acc_t08_srlr: { srLr }, acc_t10: null });

export const table20: Experiment<VitSettings> = {
  id: "thesis.table20",
  question: "How much data and training does freezing need?",
  minutes: { ci: 20, laptop: 120, "evidence-small": 450 },
  recipe: VIT,
  runs(settings) {
    const runs: Record<string, Run> = {};
    for (const name of Object.keys(SETS) as (keyof typeof SETS)[]) {
      const subset = onSubset(settings, name), base = SETS[name];
      for (const [column, freezing] of Object.entries(COLUMNS(settings.freeze.srLrPower))) {
        for (const pre of LENGTHS) {
          const pretrained = pretrain(longer(subset, { pre }), freezing);
          for (const fine of LENGTHS) {
            const row = `${name}_${pre * base}_${fine * base}`;
            runs[`${row}.${column}`] = {
              label: `${row}, ${column}`,
              phases: [finetune(longer(subset, { fine }), pretrained)],
            };
          }
        }
      }
    }
    return runs;
  },
  controls(settings) {
    const controls: Record<string, Control> = {};
    for (const name of Object.keys(SETS) as (keyof typeof SETS)[]) {
      for (const fine of LENGTHS) {
        const epochs = fine * SETS[name], like = `${name}_${SETS[name]}_${epochs}.acc_t10`;
        controls[`${name}_scratch_${epochs}`] = scratchControl(longer(onSubset(settings, name), { fine }), like);
      }
    }
    return controls;
  },
  fills: [{
    table: "thesis.table20",
    cell: (row, column) => column.startsWith("acc_") ? { run: `${row}.${column}`, reading: top1 } : undefined,
  }],
};
