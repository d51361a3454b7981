// Table 9 of the thesis (section 4.3.5): FreezeOut with SGD at AdamW's rate and weight decay, CIFAR-100, 100 epochs, t0 = 0.8 cubic.
//
//   deno task repro thesis.table09 [--profile NAME] [--seeds N]
//
// Published: errors of epoch 100 23.04, 24.08 (scaled), 22.76 (not scaled). The fall from 34.12 at epoch 80 was probably made at
// the rate of 0.1 that the released code has built in: rows nofo_builtin, fo_scaled_builtin, fo_unscaled_builtin.
// twin: 15 minutes on 2 cores (WRN-16-1, 12,000 images of CIFAR-10, 20 epochs).

import { bestEpoch, bestError, errorAt } from "../../records/readings.ts";
import { byRow, type Experiment } from "../experiment.ts";
import { CIFAR, type CifarSettings } from "../recipes/cifar.ts";
import { releasedControls, runsOf } from "../recipes/cifarRuns.ts";

const runs = (settings: CifarSettings) => ({ ...runsOf(settings, "sgdstar") });

export const table09: Experiment<CifarSettings> = {
  id: "thesis.table09",
  question: "What does FreezeOut do to SGD with AdamW’s rate and weight decay?",
  minutes: { ci: 1, twin: 15, "twin-tiny": 15 },
  recipe: CIFAR,
  runs,
  controls: (settings) => releasedControls(settings, runs),
  fills: [{
    table: "thesis.table09",
    baseline: "nofo",
    cell: byRow({ e80: errorAt(80), e100: errorAt(100), best_error: bestError, best_epoch: bestEpoch }),
  }],
};
