/** Rows of a table whose differences answer a question. */
export interface Comparison {
  heading: string;
  table: string;
  /** Columns of percent, those first that tell most. */
  columns: string[];
  /** A row, and the row that it is held against: what differs is all that separates them. */
  pairs: [row: string, against: string][];
}

/** What stands on the page of evidence beside Table 17. */
export const COMPARISONS: readonly Comparison[] = [
  {
    heading: "FreezeOut on a convolutional network",
    table: "thesis.table10",
    columns: ["best_error", "e80", "e100"],
    pairs: [
      ["sgd_fo_scaled", "sgd_nofo"],
      ["sgd_fo_unscaled", "sgd_nofo"],
      ["sgdstar_fo_scaled", "sgdstar_nofo"],
      ["sgdstar_fo_unscaled", "sgdstar_nofo"],
      ["adamw_fo_scaled", "adamw_nofo"],
      ["adamw_fo_unscaled", "adamw_nofo"],
      ["sgdstar_nofo_builtin", "sgdstar_nofo"],
    ],
  },
  {
    heading: "Disjoint masking, and what it is made of",
    table: "dmjd.table2",
    columns: ["linear", "knn", "ft"],
    pairs: [
      ["mae", "scratch"],
      ["mae_dm_uniform", "mae"],
      ["mae_dm_uniform", "independent"],
      ["mae_dm_uniform", "independent_unique"],
      ["mae_dm_uniform", "two_crops"],
      ["mae_dm_uniform", "same_mask"],
      ["mae_dm_uniform", "single_updates"],
      ["mae_dm_uniform", "single_seconds"],
      ["mae_dm_block", "single_cells"],
      ["mae_dm_block", "independent_cells"],
      ["mae_dm_block", "independent_cells_unique"],
    ],
  },
  {
    heading: "The learning rate of disjoint views",
    table: "dmjd.table1",
    columns: ["linear", "knn", "ft"],
    pairs: [
      ["adaptive", "linear_b"],
      ["adaptive", "linear_unique"],
      ["adaptive", "adaptive_half"],
      ["adaptive", "adaptive_twice"],
      ["adaptive", "single"],
      ["single", "single_half"],
      ["single", "single_twice"],
    ],
  },
  {
    heading: "The target of joint distillation",
    table: "dmjd.table4",
    columns: ["ft", "linear", "knn"],
    pairs: [["rgb_norm", "rgb_nonorm"], ["hog_ln", "rgb_norm"], ["hog_l2", "hog_ln"]],
  },
  {
    heading: "Joint distillation, and what it is made of",
    table: "dmjd.table5",
    columns: ["lp", "knn"],
    pairs: [
      ["d2_nonlinear", "d2_none"],
      ["d2_nonlinear", "d2_linear"],
      ["d2_nonlinear", "released_order"],
      ["d2_nonlinear", "independent"],
      ["d2_nonlinear", "same_mask"],
      ["d2_nonlinear", "single"],
      ["d2_none", "single_none"],
      ["d8_nonlinear", "d8_none"],
    ],
  },
  {
    heading: "Both on MaskFeat and ConvMAE",
    table: "dmjd.table6",
    columns: ["lp", "knn", "ft"],
    pairs: [
      ["convmae_b", "scratch"],
      ["maskfeat_dmjd", "maskfeat"],
      ["maskfeat_dmjd", "maskfeat_visible"],
      ["convmae_b_dmjd", "convmae_b"],
      ["convmae_l_dmjd", "convmae_l"],
    ],
  },
];
