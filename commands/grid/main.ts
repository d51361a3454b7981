// Runs a grid of an experiment: every value of every --set list, every row, every seed; here or as Slurm job arrays. Runs that
// start from the same pre-training share it.
//
//   deno task grid EXPERIMENT [--profile P] [--rows a,b] [--set key=a,b,c] [--seeds 3] [--probes linear,knn] [--jobs N] [--slurm]
//   deno task grid --run DIR [--name NAME] [--status | --collect] [--csv]

import { runMain } from "../../cli/main.ts";
import { execute } from "./execute.ts";
import { parseGrid } from "./flags.ts";

if (import.meta.main) await runMain((args) => execute(parseGrid(args)));
