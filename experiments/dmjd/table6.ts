// Table VI of DMJD (section IV-C): what does disjoint masking with joint distillation bring ConvMAE? ConViT-B and -L on ImageNet-1K:
// one view with uniform masks of 0.75 and normalised pixels, or two disjoint views with cells of 0.6, HOG, and a branch for visible
// patches; 1,600 effective epochs against 800, of the larger encoder 800 each.
//
//   deno task repro dmjd.table6 [--profile NAME] [--seeds N]
//
// Published: fine-tuning 85.0 and 85.2, linear probing 70.9 and 76.7, 300 and 101 hours. The row changes views, masks, target, branch
// and the stages' width at once; the controls change them one by one.

import { hoursWithLoading, knnTop1, linearTop1, top1 } from "../../records/readings.ts";
import { byRow, type Experiment } from "../experiment.ts";
import { enlarged, joint } from "../recipes/hybridRuns.ts";
import { HYBRID, type HybridSettings } from "../recipes/mim.ts";
import { independent, mimRunAndProbe, type Variant } from "../recipes/mimRuns.ts";

const OTHERS = "splitmask mae simmim maskfeat maskfeat_dmjd mocov3 dino beit cae peco mcbeit ibot sdae data2vec mvp"
  .split(" ");
const CLIP = "convmae_b_clip convmae_b_clip_dmjd convmae_l_clip_dmjd".split(" ");
const allOf = (rows: string[], why: string) => Object.fromEntries(rows.map((row) => [row, why]));

export const table6: Experiment<HybridSettings> = {
  id: "dmjd.table6",
  question: "What do disjoint views and joint distillation bring ConvMAE?",
  minutes: { ci: 3 },
  recipe: HYBRID,
  runs(settings) {
    const large = enlarged(settings), { length } = settings.joint;
    return {
      convmae_b: mimRunAndProbe("ConvMAE", settings, {}),
      convmae_b_dmjd: mimRunAndProbe("ConvMAE + DMJD", settings, joint(settings)),
      convmae_l: mimRunAndProbe("ConvMAE, larger", large, { length }),
      convmae_l_dmjd: mimRunAndProbe("ConvMAE + DMJD, larger", large, joint(large)),
    };
  },
  controls(settings) {
    const whole = joint(settings), { maskRatio } = settings.disjoint.cells, { stages } = settings.model;
    const control = (label: string, variant: Variant, like = "convmae_b_dmjd") => ({
      ...mimRunAndProbe(label, settings, { ...whole, ...variant }),
      like,
    });
    const single: Variant = { views: 1, viewRule: "independent", predRatio: maskRatio, lrRule: "unique" };
    return {
      released_order: control("targets in the released order", { visible: { ...whole.visible!, pairing: "released" } }),
      no_branch: control("no branch for visible patches", { visible: null }),
      independent: control("independent views", independent(settings, "cells")),
      narrow: control("stages as narrow as ConvMAE's", { stages }),
      single: control("a single view", single),
      single_hog: control("a single view of cells, HOG", { ...single, visible: null, stages }, "convmae_b"),
      half: { ...mimRunAndProbe("ConvMAE, half as long", settings, { length: whole.length }), like: "convmae_b" },
    };
  },
  fills: [{
    table: "dmjd.table6",
    baseline: (row) => row.startsWith("convmae_l") ? "convmae_l" : "convmae_b",
    cell: byRow({ gpu_hours: hoursWithLoading, ft: top1, lp: linearTop1 }),
    beside: { knn: knnTop1 },
    unfilled: {
      ...allOf(OTHERS, "another method than ConvMAE"),
      ...allOf(CLIP, "its teacher's weights are not part of this project"),
      speedup: "the ratio of the hours",
      ft_gain: "the difference of two rows",
      lp_gain: "the difference of two rows",
    },
  }],
};
