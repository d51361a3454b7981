// Table V of DMJD (section IV-B-2): what do the decoder's depth and the branch for visible patches bring? Two disjoint views with
// cells of 0.6, HOG; 50 epochs. In print ConvMAE-B on ImageNet-1K; here the same on a plain ViT; on ConvMAE, as in
// print, at the profiles convmae-ci, convmae-twin, convmae-paper.
//
//   deno task repro dmjd.table5 [--profile NAME] [--seeds N]
//
// Published: linear probing 61.8, 60.4, 62.5, 65.0, 67.2. ci: a minute on 2 cores. The controls take the branch apart: its targets in
// the released code's order, one view with it, independent views, depth without it.

import { knnTop1, linearTop1 } from "../../records/readings.ts";
import { byRow, type Experiment } from "../experiment.ts";
import { linear } from "../phases.ts";
import { MIM, type MimSettings } from "../recipes/mim.ts";
import { distilled, independent, mimProbe, type Variant } from "../recipes/mimRuns.ts";

const BRANCH = { projector: "mlp3", pairing: "aligned", weight: 1 } as const;

/** Depth of the decoder and branch, by printed row. */
const ROWS: Record<string, [label: string, variant: Variant]> = {
  d2_none: ["depth 2, no branch", { decoderDepth: 2, visible: null }],
  d2_linear: ["depth 2, linear projector", { decoderDepth: 2, visible: { ...BRANCH, projector: "linear" } }],
  d2_nonlinear: ["depth 2, projector of 3 layers", { decoderDepth: 2 }],
  d4_nonlinear: ["depth 4, projector of 3 layers", { decoderDepth: 4 }],
  d8_nonlinear: ["depth 8, projector of 3 layers", { decoderDepth: 8 }],
};

export const table5: Experiment<MimSettings> = {
  id: "dmjd.table5",
  question: "What do the decoder's depth and the branch for visible patches bring?",
  minutes: { ci: 1, twin: 27 },
  recipe: MIM,
  runs: (settings) =>
    Object.fromEntries(
      Object.entries(ROWS).map(([row, [label, variant]]) => [
        row,
        mimProbe(label, settings, { ...distilled(settings), ...variant }),
      ]),
    ),
  controls(settings) {
    const whole: Variant = { ...distilled(settings), decoderDepth: 2 }, { maskRatio } = settings.disjoint.cells;
    const control = (label: string, variant: Variant, like = "d2_nonlinear") => ({
      ...mimProbe(label, settings, { ...whole, ...variant }),
      like,
    });
    const single: Variant = { views: 1, viewRule: "independent", predRatio: maskRatio, lrRule: "unique" };
    return {
      released_order: control("targets in the released order", { visible: { ...BRANCH, pairing: "released" } }),
      independent: control("independent views", independent(settings, "cells")),
      same_mask: control("the same mask twice", { predRatio: maskRatio }),
      single: control("a single view", single),
      single_none: control("a single view, no branch", { ...single, visible: null }, "d2_none"),
      random: { label: "random weights", phases: [linear(settings, null)], like: "d2_none" },
      d8_none: control("depth 8, no branch", { decoderDepth: 8, visible: null }, "d8_nonlinear"),
    };
  },
  fills: [{
    table: "dmjd.table5",
    baseline: "d2_none",
    cell: byRow({ lp: linearTop1 }),
    beside: { knn: knnTop1 },
  }],
};
