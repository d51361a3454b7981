// Runs Table 17 of the thesis at one scale and prints it beside the published one.
//
//   deno task repro:table17 [--profile laptop] [--rows localmim,vitfreeze] [--seeds N] [--data PATH] [--resume] [--json]
//   mpirun -n 4 deno task repro:table17 …

import { runRanked } from "../../distributed/main.ts";

// A process that only waits for a rank does not load what the rank needs.
if (import.meta.main) await runRanked(async (...args) => (await import("./command.ts")).main(...args), "repro:table17");
