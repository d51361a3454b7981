import { totalHours } from "../../records/readings.ts";
import { type TimesRecord, wholeEpochs } from "../../records/times.ts";
import { fixed } from "../../reports/format.ts";
import { SAME_WORK, unlikeWork } from "../../reports/judging/machine.ts";
import { estimate } from "../../reports/judging/statistics.ts";
import { stepSeconds } from "../../records/schema.ts";
import type { Command } from "./flags.ts";

/** What one pre-training took in every repeat. */
interface Took {
  label: string;
  /** Seconds of all steps, and with the making of new steps where layers froze. */
  seconds: number[];
  recompiled: number[];
  /** Seconds a step of the epochs before anything froze, by repeat. */
  unfrozen: number[][];
}

/** The pairs of a measurement: every pre-training beside the first one, repeat by repeat, and the time of the same work. */
export function timesText({ plan: { runs } }: Command, record: TimesRecord): string {
  const { repeats, phases, steps, asked } = record;
  const all = Object.entries(phases).map(([key, { rows, unfrozen }]): Took => {
    const epochs = repeats.map((repeat) => wholeEpochs(record, repeat, key));
    const seconds = epochs.map((each) => totalHours.read({ epochs: each, metrics: {} }, each.length)! * 3600);
    return {
      label: runs.find(({ row }) => row === rows[0])!.label,
      seconds,
      recompiled: epochs.map((each, k) =>
        each.reduce((sum, { seconds: { compile = 0 } }) => sum + compile, seconds[k])
      ),
      unfrozen: epochs.map((each) =>
        each.slice(0, unfrozen).map(({ seconds, iterations }) => stepSeconds(seconds) / iterations)
      ),
    };
  });
  const [base] = all, width = Math.max(24, ...all.map(({ label }) => label.length));
  const loads = repeats.flatMap(({ rounds }) =>
    rounds.flatMap(({ rows }) => Object.values(rows).flatMap(({ load }) => load ?? []))
  );
  const rounds = repeats[0].rounds.length;
  const lines = all.map((took) => {
    const ratio = ratios(took.seconds, base.seconds), whole = ratios(took.recompiled, base.recompiled);
    const change = changeOf(took, base);
    return [
      took.label.padEnd(width),
      fixed(took.seconds.reduce((sum, value) => sum + value, 0) / repeats.length / rounds, 2).padStart(7),
      shown(ratio).padStart(15),
      shown(whole).padStart(15),
      `${change >= 0 ? "+" : "−"}${fixed(100 * Math.abs(change), 1)} %`.padStart(9),
    ].join(" ");
  });
  const worst = Math.max(...all.map((took) => Math.max(...repeats.map((_, k) => unlikeIn(took, base, k)))));
  return [
    "",
    `${asked.experiment}, profile ${asked.profile}: n = ${repeats.length} repeats, rows in turn step by step,`,
    `${rounds} epochs of ${steps} measured steps; load average ${range(loads)}`,
    "",
    `${"".padEnd(width)}    s/ep           ratio  recompiling in  same work`,
    ...lines,
    "",
    "ratio: time over that of the first row, with its 95 % interval; s/ep: of a whole epoch.",
    "same work: time of the epochs before anything freezes, beside that of the first row.",
    worst > SAME_WORK
      ? `inconclusive: the machine changed (${fixed(100 * worst, 1)} % in one repeat; at most ${
        100 * SAME_WORK
      } % is wanted)`
      : `The machine was the same: the same work differs by ${fixed(100 * worst, 1)} % at most in one repeat.`,
    ...(repeats.length < 3 ? [`inconclusive: n = ${repeats.length}, want 3`] : []),
  ].join("\n");
}

function ratios(own: readonly number[], base: readonly number[]): number[] {
  return own.map((value, k) => value / base[k]);
}

function shown(values: number[]): string {
  const { mean, half } = estimate(values);
  return half === null ? fixed(mean, 3) : `${fixed(mean, 3)} ± ${fixed(half, 3)}`;
}

/** Over all repeats. */
function changeOf({ unfrozen }: Took, { unfrozen: base }: Took): number {
  const common = unfrozen.map((own, k) => Math.min(own.length, base[k].length));
  const sum = (of: number[][]) =>
    of.reduce((all, own, k) => all + own.slice(0, common[k]).reduce((a, b) => a + b, 0), 0);
  return sum(unfrozen) / sum(base) - 1;
}

function unlikeIn(own: Took, base: Took, repeat: number): number {
  return unlikeWork({ own: own.unfrozen[repeat], base: base.unfrozen[repeat] }, ["own", "base"]);
}

function range(values: readonly number[]): string {
  if (values.length === 0) return "not known";
  return `${fixed(Math.min(...values), 1)} to ${fixed(Math.max(...values), 1)}`;
}
