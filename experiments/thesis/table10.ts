// Table 10 of the thesis (section 4.3.6): the lowest error of the nine runs of Tables 7, 8 and 9, and its epoch. Table 4 names six
// of them.
//
//   deno task repro thesis.table10 [--profile NAME] [--seeds N]
//
// Published: SGD 21.98, 21.46, 21.10; SGD* 22.8, 23.38, 22.76; AdamW 31.26, 30.58, 32.94 (none, FreezeOut scaled, not scaled).
// twin: 45 minutes on 2 cores.

import { bestEpoch, bestError, errorAt } from "../../records/readings.ts";
import { byRow, type Experiment } from "../experiment.ts";
import { CIFAR, type CifarSettings } from "../recipes/cifar.ts";
import { type OptimizerName, OPTIMIZERS, releasedControls, runsOf } from "../recipes/cifarRuns.ts";

const runs = (settings: CifarSettings) =>
  Object.fromEntries(
    (Object.keys(OPTIMIZERS) as OptimizerName[]).flatMap((optimizer) =>
      Object.entries(runsOf(settings, optimizer)).map(([row, run]) => [`${optimizer}_${row}`, run])
    ),
  );

export const table10: Experiment<CifarSettings> = {
  id: "thesis.table10",
  question: "Which optimiser goes best with FreezeOut on a convolutional network? All nine runs",
  minutes: { ci: 1, twin: 45, "twin-tiny": 45 },
  recipe: CIFAR,
  runs,
  controls: (settings) => releasedControls(settings, runs),
  fills: [{
    table: "thesis.table10",
    baseline: (row) => row.replace(/_fo_(un)?scaled$/, "_nofo"),
    cell: byRow({ best_error: bestError, best_epoch: bestEpoch }),
    beside: { e80: errorAt(80), e100: errorAt(100) },
  }],
};
