// Table IV of DMJD (section IV-B-2): which target suits joint distillation? Two disjoint views with cells of 0.6, and the branch for
// visible patches; 50 epochs. In print ConvMAE-B on ImageNet-1K; here the same on a plain ViT; on ConvMAE, as in
// print, at the profiles convmae-ci, convmae-twin, convmae-paper.
//
//   deno task repro dmjd.table4 [--profile NAME] [--seeds N] [--teacher PATH]
//
// Published: fine-tuning 83.1, 83.9, 84.2, 84.4, 85.2 (pixels, normalised, HOG L2, HOG LayerNorm, CLIP). ci: a minute on 2 cores.
// With --teacher PATH a control learns the features of that model: CLIP's image encoder, or any ViT of the same images and patches.

import { knnTop1, linearTop1, top1 } from "../../records/readings.ts";
import { byRow, type Control, type Experiment } from "../experiment.ts";
import { MIM, type MimSettings } from "../recipes/mim.ts";
import { distilled, mimRun } from "../recipes/mimRuns.ts";
import { scratchControl } from "../recipes/scratch.ts";

const TARGETS = {
  rgb_nonorm: ["pixels", "pixels"],
  rgb_norm: ["normalised pixels", "normPixels"],
  hog_l2: ["HOG of length 1", "hogL2"],
  hog_ln: ["HOG whitened", "hog"],
} as const;

export const table4: Experiment<MimSettings> = {
  id: "dmjd.table4",
  question: "Which target suits joint distillation: pixels, or histograms of orientations?",
  minutes: { ci: 1, twin: 27 },
  recipe: MIM,
  runs: (settings) =>
    Object.fromEntries(
      Object.entries(TARGETS).map(([row, [label, target]]) => [
        row,
        mimRun(label, settings, { ...distilled(settings), target }),
      ]),
    ),
  controls(settings): Record<string, Control> {
    const { teacher } = settings, scratch = scratchControl(settings, "hog_ln");
    if (!teacher) return { scratch };
    const run = mimRun("features of a teacher", settings, { ...distilled(settings), target: "features", teacher });
    return { scratch, teacher: { ...run, like: "hog_ln" } };
  },
  fills: [{
    table: "dmjd.table4",
    baseline: "hog_ln",
    cell: byRow({ ft: top1 }),
    beside: { linear: linearTop1, knn: knnTop1 },
    unfilled: { clip_ln: "its teacher's weights are not part of this project" },
  }],
};
