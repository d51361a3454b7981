import { runRanked } from "../../distributed/main.ts";

/** Runs the command as a rank, supervised, or alone. A process that only waits for a rank does not load what the rank needs. */
export function run(): Promise<never> {
  return runRanked(async (...args) => (await import("./command.ts")).main(...args), "repro");
}
