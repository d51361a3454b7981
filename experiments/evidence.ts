import type { PhaseKind } from "../records/phase.ts";
import type { ProbeKind } from "./probes.ts";

/** A grid that decides claims at a scale at which they can be decided; docs/EVIDENCE.md has the rules. */
export interface EvidenceGrid {
  name: string;
  /** What it decides. */
  decides: string;
  experiment: string;
  profile: string;
  /** All of the experiment's unless given. */
  rows?: string[];
  /** Seeds 0 … seeds - 1. */
  seeds: number;
  probes: ProbeKind[];
  /** Its images, where they are not CIFAR-10. */
  images?: "tiny-imagenet-100";
}

/** Images of CIFAR-10 to train on, where a profile takes all of them. */
export const TRAINING_IMAGES = 50_000;

/** Seconds an image of an epoch takes by profile, one thread beside another on two hyper-threads of one core. */
export const SECONDS_PER_IMAGE: Readonly<Record<string, Partial<Record<PhaseKind, number>>>> = {
  evidence: { pretrain: 0.006, finetune: 0.009, linear: 0.0001, knn: 0.004 },
  "evidence-small": { pretrain: 0.0026, finetune: 0.004, linear: 0.0001, knn: 0.002 },
  twin: { train: 0.0025, pretrain: 0.0045, finetune: 0.011, linear: 0.0001, knn: 0.006 },
  "twin-tiny": { train: 0.0025 },
};

const HEADLINE = ["localmim", "vitfreeze", "scratch", "vitfreeze_srlr", "vitfreeze_unscaled"];
const ROWS = [...HEADLINE, "localmim_stopped", "scratch_long"], STOPS = ["localmim_50", "localmim_70", "localmim_90"];
const PROBES: EvidenceGrid["probes"] = ["linear", "knn"], SMALL = "evidence-small";

function table17(name: string, seeds: number, decides: string, rows = ROWS, profile = "evidence"): EvidenceGrid {
  return { name, decides, experiment: "thesis.table17", profile, rows, seeds, probes: PROBES };
}

function table11(name: string, seeds: number, decides: string, profile?: string): EvidenceGrid {
  return { ...table17(name, seeds, decides, STOPS, profile), experiment: "thesis.table11" };
}

/** A sweep at the smaller scale. */
function sweep(
  name: string,
  experiment: string,
  seeds: number,
  decides: string,
  more: Partial<Pick<EvidenceGrid, "rows" | "probes">> = {},
): EvidenceGrid {
  return { name, decides, experiment, profile: SMALL, seeds, probes: [], ...more };
}

/** FreezeOut on a convolutional network. */
function net(name: string, experiment: string, seeds: number, decides: string, rows?: string[]): EvidenceGrid {
  return { name, decides, experiment, profile: "twin", ...(rows && { rows }), seeds, probes: [] };
}

/** A table of disjoint masking, with its controls. */
function masking(name: string, experiment: string, decides: string, rows: string[]): EvidenceGrid {
  return { name, decides, experiment, profile: "twin", rows, seeds: 3, probes: PROBES, images: "tiny-imagenet-100" };
}

/** From scratch, by set and length of fine-tuning. */
const SCRATCH = ["in100_scratch_20", "in100_scratch_100", "in100_scratch_500"].concat(
  ["in25_scratch_80", "in25_scratch_400", "in25_scratch_2000"],
  ["in10_scratch_200", "in10_scratch_1000", "in10_scratch_5000"],
  ["in5_scratch_400", "in5_scratch_2000", "in5_scratch_10000"],
);

/** In the order in which they run: what decides most for its hours comes first. */
export const EVIDENCE: readonly EvidenceGrid[] = [
  table17(
    "headline-small",
    1,
    "the pilot of the smaller scale: whether it says something about pre-training",
    ROWS,
    SMALL,
  ),
  table17(
    "headline-small-5",
    5,
    "the same by five paired seeds: what freezing, SR-LR and stopping earlier cost there",
    ROWS,
    SMALL,
  ),
  table11("stops-small-5", 5, "LocalMIM's weights of earlier epochs there", SMALL),
  table17("headline-1", 1, "whether the scale says something about pre-training: one seed of every row, the pilot"),
  table11("stops-1", 1, "the pilot of stopping earlier"),
  sweep("lengths-scratch", "thesis.table20", 1, "whether pre-training is worth something at the smaller scale", {
    rows: SCRATCH,
  }),
  sweep("lengths-1", "thesis.table20", 1, "Table 20, every cell once: how much data and training freezing needs", {
    probes: PROBES,
  }),
  net("freezeout-3", "thesis.table10", 3, "Tables 5 and 7 to 10: FreezeOut on a convolutional network, by three seeds"),
  net(
    "builtin-3",
    "thesis.table10",
    3,
    "Table 9: whether it was made at the rate that the released code has built in",
    [
      ..."sgdstar_nofo_builtin sgdstar_fo_scaled_builtin sgdstar_fo_unscaled_builtin".split(" "),
    ],
  ),
  net("decays-1", "thesis.table06", 1, "Table 6: the weight decay of AdamW on a convolutional network"),
  masking(
    "views-3",
    "dmjd.table2",
    "Table II: whether disjoint views help, and what of it two views, masks or updates do",
    [
      ..."mae mae_dm_uniform scratch independent independent_unique".split(" "),
      ..."two_crops same_mask single_updates single_seconds".split(" "),
      ..."mae_dm_block single_cells independent_cells independent_cells_unique".split(" "),
    ],
  ),
  masking("branch-3", "dmjd.table5", "Table V: what the branch for visible patches and the decoder's depth bring", [
    ..."d2_none d2_linear d2_nonlinear d4_nonlinear d8_nonlinear".split(" "),
    ..."released_order independent same_mask single single_none d8_none random".split(" "),
  ]),
  masking("targets-3", "dmjd.table4", "Table IV: which target suits joint distillation", [
    ..."rgb_nonorm rgb_norm hog_l2 hog_ln scratch".split(" "),
  ]),
  masking("scales-3", "dmjd.table1", "Table I: the learning rate of several views", [
    ..."linear_b adaptive linear_unique adaptive_half adaptive_twice single single_half single_twice".split(" "),
  ]),
  masking(
    "hybrid-3",
    "dmjd.table6",
    "Table VI: what disjoint views with joint distillation bring MaskFeat and ConvMAE",
    "maskfeat maskfeat_dmjd maskfeat_visible convmae_b convmae_b_dmjd convmae_l convmae_l_dmjd scratch".split(" "),
  ),
  masking("methods-3", "dmjd.table3", "Table III: whether disjoint masks keep the accuracy of each method", [
    ..."beit beit_dm simmim simmim_dm mae mae_dm maskfeat maskfeat_dm".split(" "),
    ..."mae_l mae_l_dm maskfeat_l maskfeat_l_dm beit_scratch simmim_scratch maskfeat_scratch".split(" "),
  ]),
  table17("headline-3", 3, "accuracies of Tables 17, 18 and of the paper's Table 1, by three paired seeds"),
  table11("stops-3", 3, "Tables 11 and 12: whether stopping earlier is better"),
  sweep("rates-3", "thesis.table13", 3, "Table 13: the base learning rate where nothing freezes", { probes: PROBES }),
  sweep("powers-3", "thesis.table14", 3, "Tables 14 to 16: the powers of SR-LR and LR-LR", { probes: PROBES }),
  sweep("powers-beside", "thesis.table14", 3, "what these stand beside: no freezing, bare freezing, from scratch", {
    rows: ["localmim", "vitfreeze", "scratch"],
    probes: PROBES,
  }),
  {
    ...net("tiny-3", "thesis.table10", 3, "the same of FreezeOut with 100 classes"),
    profile: "twin-tiny",
    images: "tiny-imagenet-100",
  },
  table17("live-1", 1, "whether the released backward pass gives another accuracy", ["vitfreeze_live"]),
  table17("headline-5", 5, "the headline claims, which want five paired seeds"),
  table11("stops-5", 5, "the same for stopping earlier"),
];
