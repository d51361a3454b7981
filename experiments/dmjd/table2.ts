// Table II of DMJD (section IV-B-1): how much sooner do disjoint views reach a single view's accuracy? MAE with uniform masks
// of 0.75 and with cells of 0.6, ViT-B on ImageNet-1K, 1,600 and 800 effective epochs.
//
//   deno task repro dmjd.table2 [--profile NAME] [--seeds N]
//
// Published: fine-tuning 83.6 three times, in 227, 127 and 70 hours. twin: 20 minutes on 2 cores; expect times of 1, 1 and 0.5,
// for the views are as many, and small images take no time to load.

import { hoursWithLoading, knnTop1, linearTop1, top1 } from "../../records/readings.ts";
import { byRow, type Experiment } from "../experiment.ts";
import { MIM, type MimSettings } from "../recipes/mim.ts";
import { disjoint, independentControls, mimRun, viewControls } from "../recipes/mimRuns.ts";

export const table2: Experiment<MimSettings> = {
  id: "dmjd.table2",
  question: "How much sooner do disjoint views reach the accuracy of a single one?",
  minutes: { ci: 1, twin: 20 },
  recipe: MIM,
  runs: (settings) => ({
    mae: mimRun("MAE", settings, {}),
    mae_dm_uniform: mimRun("MAE + DM, uniform", settings, disjoint(settings, "uniform")),
    mae_dm_block: mimRun("MAE + DM, cells", settings, { ...disjoint(settings, "cells"), length: 0.5 }),
  }),
  controls(settings) {
    const cells = settings.disjoint.cells.maskRatio;
    return {
      ...viewControls(settings, "mae_dm_uniform", "mae"),
      single_cells: {
        ...mimRun("MAE, cells, half as long", settings, {
          pattern: "cells",
          maskRatio: cells,
          predRatio: cells,
          length: 0.5,
        }),
        like: "mae_dm_block",
      },
      ...independentControls(settings, "mae_dm_block", "cells", 0.5),
    };
  },
  fills: [{
    table: "dmjd.table2",
    baseline: "mae",
    cell: byRow({ gpu_hours: hoursWithLoading, ft: top1 }),
    beside: { linear: linearTop1, knn: knnTop1 },
    unfilled: { speedup: "the ratio of the hours" },
  }],
};
