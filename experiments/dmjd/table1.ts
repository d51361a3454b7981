// Table I of DMJD (section IV-B-1): is the adaptive learning-rate scale better than the linear rule? MAE with two disjoint
// views, uniform masks of 0.75, ViT-B on ImageNet-1K, 100 epochs.
//
//   deno task repro dmjd.table1 [--profile NAME] [--seeds N]
//
// Published: fine-tuning 82.1 and 82.4. The linear rule counts each view, so at two views it is 1.5 times the adaptive one.

import { knnTop1, linearTop1, top1 } from "../../records/readings.ts";
import { byRow, type Experiment } from "../experiment.ts";
import { MIM, type MimSettings } from "../recipes/mim.ts";
import { disjoint, mimRun, type Variant } from "../recipes/mimRuns.ts";

function variantOf(settings: MimSettings): Variant {
  return { ...disjoint(settings, "uniform"), length: settings.lengths.rates };
}

export const table1: Experiment<MimSettings> = {
  id: "dmjd.table1",
  question: "Is the adaptive learning-rate scale of disjoint views better than the linear rule?",
  minutes: { ci: 1, twin: 14 },
  recipe: MIM,
  runs(settings) {
    const dm = variantOf(settings);
    return {
      linear_b: mimRun("eta_base * b / 256", settings, { ...dm, lrRule: "views" }),
      adaptive: mimRun("eta_base * (b_u * m_pred / m_corr) / 256", settings, dm),
    };
  },
  controls(settings) {
    const dm = variantOf(settings), length = settings.lengths.rates;
    const single = (label: string, rate: number) => mimRun(label, settings, { length, rate });
    return {
      linear_unique: { ...mimRun("eta_base * b_u / 256", settings, { ...dm, lrRule: "unique" }), like: "linear_b" },
      adaptive_half: { ...mimRun("half the adaptive rate", settings, { ...dm, rate: 0.5 }), like: "adaptive" },
      adaptive_twice: { ...mimRun("twice the adaptive rate", settings, { ...dm, rate: 2 }), like: "adaptive" },
      single: { ...single("a single view", 1), like: "linear_b" },
      single_half: { ...single("a single view, half the rate", 0.5), like: "linear_b" },
      single_twice: { ...single("a single view, twice the rate", 2), like: "linear_b" },
    };
  },
  fills: [{
    table: "dmjd.table1",
    baseline: "linear_b",
    cell: byRow({ ft: top1 }),
    beside: { linear: linearTop1, knn: knnTop1 },
  }],
};
