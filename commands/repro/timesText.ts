import { recompiling, totalHours } from "../../records/readings.ts";
import type { Epoch } from "../../records/schema.ts";
import { type TimesRecord, wholeEpochs } from "../../records/times.ts";
import { estimated, fixed } from "../../reports/format.ts";
import { SAME_WORK, unlikeWork } from "../../reports/judging/machine.ts";
import { average, estimate } from "../../reports/judging/statistics.ts";
import { loadText, unfrozenOf } from "../../reports/scales/times.ts";
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
  const secondsOf = (epochs: Epoch[]) => totalHours.read({ epochs, metrics: {} }, epochs.length)! * 3600;
  const all = Object.entries(phases).map(([key, { rows }]): Took => {
    const epochs = repeats.map((repeat) => wholeEpochs(record, repeat, key));
    return {
      label: runs.find(({ row }) => row === rows[0])!.label,
      seconds: epochs.map(secondsOf),
      recompiled: epochs.map((each) => secondsOf(recompiling(each))),
      unfrozen: repeats.map((repeat) => unfrozenOf(record, repeat, key)),
    };
  });
  const [base] = all, width = Math.max(24, ...all.map(({ label }) => label.length));
  const rounds = repeats[0].rounds.length;
  const lines = all.map((took) => {
    const ratio = ratios(took.seconds, base.seconds), whole = ratios(took.recompiled, base.recompiled);
    const change = changeOf(took, base);
    return [
      took.label.padEnd(width),
      fixed(average(took.seconds) / rounds, 2).padStart(7),
      estimated(estimate(ratio), 3).padStart(15),
      estimated(estimate(whole), 3).padStart(15),
      `${change >= 0 ? "+" : "−"}${fixed(100 * Math.abs(change), 1)} %`.padStart(9),
    ].join(" ");
  });
  const worst = Math.max(...all.map((took) => Math.max(...repeats.map((_, k) => unlikeIn(took, base, k)))));
  return [
    "",
    `${asked.experiment}, profile ${asked.profile}: n = ${repeats.length} repeats, rows in turn step by step,`,
    `${rounds} epochs of ${steps} measured steps; load average ${loadText(record) ?? "not known"}`,
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
