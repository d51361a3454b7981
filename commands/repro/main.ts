// Runs an experiment at one scale and prints it beside the published tables; alone, lists the experiments.
//
//   deno task repro [EXPERIMENT] [--profile laptop] [--rows localmim,vitfreeze] [--seeds N] [--data PATH] [--json]
//   mpirun -n 4 deno task repro EXPERIMENT …

import { runRanked } from "../../distributed/main.ts";

// A process that only waits for a rank does not load what the rank needs.
if (import.meta.main) await runRanked(async (...args) => (await import("./command.ts")).main(...args), "repro");
