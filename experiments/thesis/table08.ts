// Table 8 of the thesis (section 4.3.4): FreezeOut with SGD, a wide residual network on CIFAR-100, 100 epochs, t0 = 0.8 cubic.
//
//   deno task repro thesis.table08 [--profile NAME] [--seeds N]
//
// Published: errors of epoch 100 21.98, 21.72 (scaled), 21.16 (not scaled).
// twin: 15 minutes on 2 cores (WRN-16-1, 12,000 images of CIFAR-10, 20 epochs).

import { bestEpoch, bestError, errorAt } from "../../records/readings.ts";
import { byRow, type Experiment } from "../experiment.ts";
import { CIFAR, type CifarSettings } from "../recipes/cifar.ts";
import { releasedControls, runsOf } from "../recipes/cifarRuns.ts";

const runs = (settings: CifarSettings) => ({ ...runsOf(settings, "sgd") });

export const table08: Experiment<CifarSettings> = {
  id: "thesis.table08",
  question: "Does FreezeOut go with SGD on a convolutional network, with and without scaled rates?",
  minutes: { ci: 1, twin: 15, "twin-tiny": 15 },
  recipe: CIFAR,
  runs,
  controls: (settings) => releasedControls(settings, runs),
  fills: [{
    table: "thesis.table08",
    baseline: "nofo",
    cell: byRow({ e80: errorAt(80), e100: errorAt(100), best_error: bestError, best_epoch: bestEpoch }),
  }],
};
