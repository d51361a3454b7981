import { hoursWithLoading, recompiling, totalHours } from "../../records/readings.ts";
import type { Epoch } from "../../records/schema.ts";
import { type TimesRecord, wholeEpochs } from "../../records/times.ts";
import { estimated, fixed } from "../../reports/format.ts";
import type { UnfrozenRow } from "../../reports/judging/evidence.ts";
import { isSteady, SAME_WORK, worst } from "../../reports/judging/machine.ts";
import { average, estimate } from "../../reports/judging/statistics.ts";
import { changeIn, unfrozenOf } from "../../reports/scales/times.ts";
import { loadText } from "../../reports/scales/timesFact.ts";
import type { Command } from "./flags.ts";

/** What one pre-training took in every repeat. */
interface Took {
  label: string;
  epochs: number;
  /** Seconds of all steps, with the making of new steps where layers froze, and with loading too. */
  seconds: number[];
  recompiled: number[];
  loaded: number[];
  /** Before anything froze, by repeat. */
  unfrozen: UnfrozenRow[];
}

/** The pairs of a measurement: every pre-training beside the first one, repeat by repeat, and the time of the same work. */
export function timesText({ plan: { runs } }: Command, record: TimesRecord): string {
  const { repeats, phases, steps, asked } = record;
  const secondsOf = (epochs: Epoch[], { read } = totalHours) => read({ epochs, metrics: {} }, epochs.length)! * 3600;
  const all = Object.entries(phases).map(([key, { rows, epochs }]): Took => {
    const each = repeats.map((repeat) => wholeEpochs(record, repeat, key));
    return {
      label: runs.find(({ row }) => row === rows[0])!.label,
      epochs,
      seconds: each.map((epochs) => secondsOf(epochs)),
      recompiled: each.map((epochs) => secondsOf(recompiling(epochs))),
      loaded: each.map((epochs) => secondsOf(epochs, hoursWithLoading)),
      unfrozen: repeats.map((repeat) => unfrozenOf(record, repeat, key)),
    };
  });
  const [base] = all, width = Math.max(24, ...all.map(({ label }) => label.length));
  const lines = all.map((took) => {
    const change = changeOf(took, base);
    return [
      took.label.padEnd(width),
      fixed(average(took.seconds) / took.epochs, 2).padStart(7),
      ...(["seconds", "recompiled", "loaded"] as const)
        .map((of) => estimated(estimate(ratios(took, base, of)), 3).padStart(15)),
      (change === undefined ? "–" : `${change >= 0 ? "+" : "−"}${fixed(100 * Math.abs(change), 1)} %`).padStart(9),
    ].join(" ");
  });
  return [
    "",
    `${asked.experiment}, profile ${asked.profile}: n = ${repeats.length} repeats, rows in turn step by step,`,
    `${repeats[0].rounds.length} epochs of ${steps} measured steps; load average ${loadText(record) ?? "not known"}`,
    "",
    `${"".padEnd(width)}    s/ep           ratio  recompiling in     and loading  same work`,
    ...lines,
    "",
    "ratio: time over that of the first row, with its 95 % interval; s/ep: steps of a whole epoch.",
    "and loading: with images read and cropped before each step, not meanwhile.",
    "same work: time of the epochs before anything freezes, beside that of the first row.",
    ...(all.length > 1 ? [steadiness(all, record)] : []),
    ...(repeats.length < 3 ? [`inconclusive: n = ${repeats.length}, want 3`] : []),
  ].join("\n");
}

function steadiness(all: readonly Took[], record: TimesRecord): string {
  const works = all.map(({ unfrozen: [{ work }] }) => work);
  if (new Set(works).size === works.length) {
    return "No two rows do the same work: they took turns, so that a change of the machine met all of them.";
  }
  const change = worst(record.repeats.map((repeat) => changeIn(record, repeat)))!;
  const percent = `${fixed(100 * change, 1)} %`;
  return isSteady(change)
    ? `The machine was the same: the same work differs by ${percent} at most in one repeat.`
    : `inconclusive: the machine changed (${percent} in one repeat; at most ${100 * SAME_WORK} % is wanted). ` +
      "Where it was quiet, more steps of an epoch level out what differs by chance (--steps)";
}

function ratios(own: Took, base: Took, of: "seconds" | "recompiled" | "loaded"): number[] {
  return own[of].map((value, k) => value / base[of][k]);
}

/** Over all repeats; nothing where the rows do different work. */
function changeOf({ unfrozen }: Took, { unfrozen: base }: Took): number | undefined {
  if (unfrozen[0].work !== base[0].work) return undefined;
  const common = unfrozen.map(({ seconds }, k) => Math.min(seconds.length, base[k].seconds.length));
  const sum = (of: UnfrozenRow[]) =>
    of.reduce((all, { seconds }, k) => all + seconds.slice(0, common[k]).reduce((a, b) => a + b, 0), 0);
  return sum(unfrozen) / sum(base) - 1;
}
