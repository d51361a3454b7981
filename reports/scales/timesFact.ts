import { loadsOf, type TimesRecord } from "../../records/times.ts";
import { fixed, signed } from "../format.ts";
import type { UsedTimes } from "./times.ts";

/** Of fewer steps the outer tenths are single ones. */
const FEW = 8;

/** How times were measured: "Times: n = 5 repeats of 4 pre-trainings, in turn step by step, …". */
export function timesFact({ id, times }: UsedTimes): string {
  const { repeats, steps, machine, engine, git, phases } = times, load = loadText(times), spread = spreadText(times);
  return `Times: n = ${repeats.length} repeats of ${Object.keys(phases).length} pre-trainings, in turn step by step, ` +
    `${steps} steps of an epoch: ${machine.cpu}, cores: ${machine.cores}, threads: ${engine.threads}` +
    `${git ? `, commit ${git.commit.slice(0, 8)}` : ""}${load ? `, load average ${load}` : ""}${spread} (${
      id.slice(0, 8)
    })`;
}

/** Between which load averages a measurement was made: "0.4 to 1.2"; nothing where none was noted. */
export function loadText(times: TimesRecord): string | undefined {
  const loads = loadsOf(times);
  return loads.length === 0
    ? undefined
    : [Math.min(...loads), Math.max(...loads)].map((load) => fixed(load, 1)).join(" to ");
}

/**
 * How far most steps of an epoch lay from their median: ", four of five steps of an epoch within -4 to +12 % of their median at
 * worst"; "" where too few were measured in each.
 */
function spreadText({ repeats, steps }: TimesRecord): string {
  if (steps < FEW) return "";
  const rows = repeats.flatMap(({ rounds }) => rounds.flatMap(({ rows }) => Object.values(rows)));
  const spreads = rows.flatMap(({ stepSpread }) => stepSpread && stepSpread.p50 > 0 ? [stepSpread] : []);
  if (spreads.length === 0) return "";
  const percent = (part: "p10" | "p90") => spreads.map((spread) => 100 * (spread[part] / spread.p50 - 1));
  return `, four of five steps of an epoch within ${signed(Math.min(...percent("p10")), 0)} to ${
    signed(Math.max(...percent("p90")), 0)
  } % of their median at worst`;
}
