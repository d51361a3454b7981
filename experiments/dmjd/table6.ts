// Table VI of DMJD (section IV-C): what does disjoint masking with joint distillation bring ConvMAE and MaskFeat? ConViT-B and -L on
// ImageNet-1K: one view with uniform masks of 0.75 and normalised pixels, or two disjoint views with cells of 0.6, HOG, and a branch
// for visible patches; 1,600 effective epochs against 800, of the larger encoder 800 each. Four methods on ViT-B beside.
//
//   deno task repro dmjd.table6 [--profile NAME] [--seeds N] [--tokens PATH] [--rows taught,taught_dmjd --teacher PATH]
//
// Published: fine-tuning 85.0 and 85.2, linear probing 70.9 and 76.7, 300 and 101 hours. DMJD's rows change views, masks, target,
// branch and the stages' width, on MaskFeat the encoder at once; the controls change them one by one. MaskFeat's row of DMJD is taken
// to be a masked autoencoder: its printed hours leave no time for encoders that see all patches. With --teacher PATH controls learn
// the features of that model, by as many views as the rows that learned CLIP's.

import { hoursWithLoading, knnTop1, linearTop1, top1 } from "../../records/readings.ts";
import { byRow, type Control, type Experiment } from "../experiment.ts";
import { linear } from "../phases.ts";
import { methodRunAndProbe } from "../recipes/allTokensRuns.ts";
import { HYBRID, type HybridSettings } from "../recipes/hybrid.ts";
import { enlarged, joint, plainOf } from "../recipes/hybridRuns.ts";
import { distilled, independent, mimRunAndProbe, type Variant } from "../recipes/mimRuns.ts";
import { scratchControl } from "../recipes/scratch.ts";

const OTHERS = "splitmask mocov3 dino cae peco mcbeit ibot sdae data2vec mvp".split(" ");
const CLIP = "convmae_b_clip convmae_b_clip_dmjd convmae_l_clip_dmjd".split(" ");
const allOf = (rows: string[], why: string) => Object.fromEntries(rows.map((row) => [row, why]));

/** Rows that learn a teacher's features, as those of the print learn CLIP's. */
function taught(settings: HybridSettings, features: Variant): Record<string, Control> {
  const large = enlarged(settings),
    row = (label: string, own: HybridSettings, variant: Variant, like: string) => ({
      ...mimRunAndProbe(label, own, { ...variant, ...features }),
      like,
    });
  return {
    taught: row("ConvMAE, features of a teacher", settings, {}, "convmae_b"),
    taught_dmjd: row("ConvMAE + DMJD, features of a teacher", settings, joint(settings), "convmae_b_dmjd"),
    taught_l_dmjd: row("ConvMAE + DMJD, larger, features of a teacher", large, joint(large), "convmae_l_dmjd"),
  };
}

export const table6: Experiment<HybridSettings> = {
  id: "dmjd.table6",
  question: "What do disjoint views and joint distillation bring ConvMAE and MaskFeat?",
  minutes: { ci: 5 },
  recipe: HYBRID,
  runs(settings) {
    const large = enlarged(settings), { length } = settings.joint, plain = plainOf(settings);
    return {
      mae: mimRunAndProbe("MAE", plain, {}),
      simmim: methodRunAndProbe("SimMIM", settings, "simmim"),
      maskfeat: methodRunAndProbe("MaskFeat", settings, "maskfeat"),
      maskfeat_dmjd: mimRunAndProbe("MaskFeat + DMJD", plain, { ...distilled(plain), length: 1 }),
      convmae_b: mimRunAndProbe("ConvMAE", settings, {}),
      convmae_b_dmjd: mimRunAndProbe("ConvMAE + DMJD", settings, joint(settings)),
      convmae_l: mimRunAndProbe("ConvMAE, larger", large, { length }),
      convmae_l_dmjd: mimRunAndProbe("ConvMAE + DMJD, larger", large, joint(large)),
      beit: methodRunAndProbe("BEiT", settings, "beit"),
    };
  },
  controls(settings) {
    const scratch = scratchControl(settings, "convmae_b");
    const whole = joint(settings), { maskRatio } = settings.disjoint.cells, { stages } = settings.model;
    const control = (label: string, variant: Variant, like = "convmae_b_dmjd") => ({
      ...mimRunAndProbe(label, settings, { ...whole, ...variant }),
      like,
    });
    const plain = plainOf(settings), { teacher, joint: { taughtLength } } = settings;
    const single: Variant = { views: 1, viewRule: "independent", predRatio: maskRatio, lrRule: "unique" };
    return {
      released_order: control("targets in the released order", { visible: { ...whole.visible!, pairing: "released" } }),
      no_branch: control("no branch for visible patches", { visible: null }),
      independent: control("independent views", independent(settings, "cells")),
      narrow: control("stages as narrow as ConvMAE's", { stages }),
      single: control("a single view", single),
      single_hog: control("a single view of cells, HOG", { ...single, visible: null, stages }, "convmae_b"),
      ...(teacher && taught(settings, { length: taughtLength, target: "features", teacher })),
      maskfeat_visible: {
        ...mimRunAndProbe("a masked autoencoder of one view, HOG", plain, {
          ...single,
          pattern: "cells",
          maskRatio,
          target: "hog",
        }),
        like: "maskfeat",
      },
      scratch: { ...scratch, phases: [...scratch.phases, linear(settings, null)] },
      half: { ...mimRunAndProbe("ConvMAE, half as long", settings, { length: whole.length }), like: "convmae_b" },
    };
  },
  fills: [{
    table: "dmjd.table6",
    baseline(row) {
      if (row.startsWith("maskfeat")) return "maskfeat";
      if (row.startsWith("convmae_l")) return "convmae_l";
      return row.startsWith("convmae") ? "convmae_b" : undefined;
    },
    cell: byRow({ gpu_hours: hoursWithLoading, ft: top1, lp: linearTop1 }),
    beside: { knn: knnTop1 },
    unfilled: {
      ...allOf(OTHERS, "a method that this project has not"),
      ...allOf(CLIP, "its teacher's weights are not part of this project"),
      speedup: "the ratio of the hours",
      ft_gain: "the difference of two rows",
      lp_gain: "the difference of two rows",
    },
  }],
};
