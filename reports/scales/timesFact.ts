import { loadsOf, type TimesRecord } from "../../records/times.ts";
import { fixed } from "../format.ts";
import type { UsedTimes } from "./times.ts";

/** How times were measured: "Times: n = 5 repeats of 4 pre-trainings, in turn step by step, …". */
export function timesFact({ id, times }: UsedTimes): string {
  const { repeats, steps, machine, engine, git, phases } = times, load = loadText(times);
  return `Times: n = ${repeats.length} repeats of ${Object.keys(phases).length} pre-trainings, in turn step by step, ` +
    `${steps} steps of an epoch: ${machine.cpu}, cores: ${machine.cores}, threads: ${engine.threads}` +
    `${git ? `, commit ${git.commit.slice(0, 8)}` : ""}${load ? `, load average ${load}` : ""} (${id.slice(0, 8)})`;
}

/** Between which load averages a measurement was made: "0.4 to 1.2"; nothing where none was noted. */
export function loadText(times: TimesRecord): string | undefined {
  const loads = loadsOf(times);
  return loads.length === 0
    ? undefined
    : [Math.min(...loads), Math.max(...loads)].map((load) => fixed(load, 1)).join(" to ");
}
