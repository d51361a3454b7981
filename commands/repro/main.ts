// Runs an experiment at one scale and prints it beside the published tables; alone, lists the experiments.
//
//   deno task repro [EXPERIMENT] [--profile laptop] [--rows localmim,vitfreeze] [--seeds N] [--data PATH] [--json]
//   mpirun -n 4 deno task repro EXPERIMENT …

import { announceDownload } from "./download.ts";

if (import.meta.main) {
  announceDownload();
  // Deno fetches whatever a file imports by a fixed name before it runs the file's first line; hence the computed one.
  const { run }: typeof import("./ranked.ts") = await import(new URL("ranked.ts", import.meta.url).href);
  await run();
}
