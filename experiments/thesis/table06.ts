// Table 6 of the thesis (section 4.3.2): the weight decay of AdamW, a wide residual network on CIFAR-100. Neither the setting of
// FreezeOut nor the statistic is printed: here none, and the best error.
//
//   deno task repro thesis.table06 [--profile NAME] [--seeds N]
//
// Published: 31.82, 30.60, 50.84 at 0.0005, 0.001, 0.005; "did not converge" at 0.01, 0.05 and 0.1.
// twin: 30 minutes on 2 cores.

import { bestError } from "../../records/readings.ts";
import { byRow, type Experiment } from "../experiment.ts";
import { CIFAR, type CifarSettings } from "../recipes/cifar.ts";
import { decayRun, releasedControls } from "../recipes/cifarRuns.ts";

/** Weight decays by printed row. */
const DECAYS = { wd_0_1: 0.1, wd_0_05: 0.05, wd_0_01: 0.01, wd_0_0005: 0.0005, wd_0_005: 0.005, wd_0_001: 0.001 };

const runs = (settings: CifarSettings) =>
  Object.fromEntries(Object.entries(DECAYS).map(([row, decay]) => [row, decayRun(settings, decay)]));

export const table06: Experiment<CifarSettings> = {
  id: "thesis.table06",
  question: "Which weight decay suits AdamW on a convolutional network?",
  minutes: { ci: 1, twin: 30, "twin-tiny": 30 },
  recipe: CIFAR,
  runs,
  controls: (settings) => releasedControls(settings, runs),
  fills: [{ table: "thesis.table06", cell: byRow({ val_error: bestError }) }],
};
