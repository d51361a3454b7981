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
  probes: ("linear" | "knn")[];
  /** The name of its images in `SOURCES`. */
  images: keyof typeof SOURCES;
}

/** The images of the grids, and how many there are to train on where a profile takes all of them. */
export const SOURCES = {
  cifar10: { train: 50_000, title: "CIFAR-10, 60,000 JPEG files" },
} as const;

/** Seconds an image, one thread beside another on two hyper-threads of one core; of probes with their features. */
export const SECONDS_PER_IMAGE = { pretrain: 0.006, finetune: 0.009, linear: 0.0001, knn: 0.004 } as const;

const HEADLINE = ["localmim", "vitfreeze", "scratch", "vitfreeze_srlr", "vitfreeze_unscaled"];
const ROWS = [...HEADLINE, "localmim_stopped", "scratch_long"], STOPS = ["localmim_50", "localmim_70", "localmim_90"];
const PROBES: EvidenceGrid["probes"] = ["linear", "knn"];

function table17(name: string, seeds: number, decides: string, rows = ROWS): EvidenceGrid {
  const experiment = "thesis.table17";
  return { name, decides, experiment, profile: "evidence", rows, seeds, probes: PROBES, images: "cifar10" };
}

function table11(name: string, seeds: number, decides: string): EvidenceGrid {
  return { ...table17(name, seeds, decides, STOPS), experiment: "thesis.table11" };
}

/** In the order in which they run: what decides most for its hours comes first. */
export const EVIDENCE: readonly EvidenceGrid[] = [
  table17("headline-1", 1, "whether the scale says something about pre-training: one seed of every row, the pilot"),
  table11("stops-1", 1, "the pilot of stopping earlier"),
  table17("headline-3", 3, "accuracies of Tables 17, 18 and of the paper's Table 1, by three paired seeds"),
  table11("stops-3", 3, "Tables 11 and 12: whether stopping earlier is better"),
  table17("live-1", 1, "whether the released backward pass gives another accuracy", ["vitfreeze_live"]),
  table17("headline-5", 5, "the headline claims, which want five paired seeds"),
  table11("stops-5", 5, "the same for stopping earlier"),
];
