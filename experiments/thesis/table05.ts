// Table 5 of the thesis (section 4.2): SGD with and without FreezeOut, a wide residual network on CIFAR-100, 100 epochs. Its
// FreezeOut is Table 8's with scaled rates, though its text says otherwise.
//
//   deno task repro thesis.table05 [--profile NAME] [--seeds N]
//
// Published: errors 22.30, 21.72 and best 21.46 (epoch 96) with FreezeOut, 23.58 and 21.98 without.
// twin: 10 minutes on 2 cores.

import { bestError, errorAt, type Reading } from "../../records/readings.ts";
import type { Experiment } from "../experiment.ts";
import { CIFAR, type CifarSettings } from "../recipes/cifar.ts";
import { cifarRun, releasedControls } from "../recipes/cifarRuns.ts";

const runs = (settings: CifarSettings) => ({
  fo: cifarRun(settings, "sgd", "fo_scaled"),
  nofo: cifarRun(settings, "sgd", "nofo"),
});

/** A printed row is an epoch of a run; 96 is the best one's. */
const READINGS: Record<string, Reading> = { e80: errorAt(80), e96: bestError, e100: errorAt(100) };

export const table05: Experiment<CifarSettings> = {
  id: "thesis.table05",
  question: "Is SGD with FreezeOut as good as without, and when?",
  minutes: { ci: 1, twin: 10, "twin-tiny": 10 },
  recipe: CIFAR,
  runs,
  controls: (settings) => releasedControls(settings, runs),
  fills: [{
    table: "thesis.table05",
    cell(row, column) {
      const [run, epoch] = row.split("_");
      return column === "val_error" ? { run, reading: READINGS[epoch] } : undefined;
    },
  }],
};
