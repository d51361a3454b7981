import type { Claim } from "../sources/claims.ts";
import { type Contrast, read, type Reading } from "./contrasts.ts";
import { fixed, listed } from "../render/format.ts";
import type { Observation } from "./observations.ts";
import { average, estimate } from "./statistics.ts";

/*
 * How a claim is judged on the runs of one block. Every rule turns the claim into contrasts: numbers, one per seed, that
 * the claim says lie between two bounds (contrasts.ts).
 *
 *  ordering   the difference of neighbouring rows lies above 0, rows paired by seed; rows that were not run are passed over
 *  timeRatio  time over the baseline's time of the same seed lies below the published ratio plus the doubt of the printed
 *             digits; one-sided: saving more than published holds, and is said
 *  recovery   the baseline's lead over one row is above 0, and the other row wins back the published share of it within
 *             the tolerance, both written as linear contrasts so that no small number is divided by
 *  value      a published absolute value, within the tolerance; judged on runs of the profile "paper" only
 *  printed    about the printed numbers alone; never judged on runs
 *
 * The verdict is the first of these that applies:
 *
 *  1. contradicted by the paper itself   the published numbers do not satisfy the claim
 *  2. not run at this scale              the rule is `printed`, or is `value` at another profile than "paper"
 *  3. not reproduced                     some contrast lies wholly outside its bounds
 *  4. not run at this scale              a row that the claim needs has no run
 *  5. reproduced                         every contrast lies wholly inside its bounds
 *  6. inconclusive                       otherwise
 *
 * From three seeds on, "lies" is about the contrast's 95 % t interval. Below three seeds a contrast of accuracies is open,
 * so that one run never reproduces nor refutes an accuracy; a ratio of times is judged by its mean, because it already
 * is a mean over all steps. Intervals are not corrected for several contrasts: all must hold for "reproduced", which
 * makes that verdict the more careful one.
 */

/** What the runs of a block say about a claim. */
export type Verdict =
  | "reproduced"
  | "not reproduced"
  | "inconclusive"
  | "contradicted by the paper itself"
  | "not run at this scale";

/** A verdict with what it rests on, all in words. */
export interface Judgement {
  verdict: Verdict;
  /** Outcome on the published numbers. */
  published: string;
  /** Outcome on the author's logs. */
  authors: string;
  /** Outcome on our runs. */
  ours: string;
  reason: string;
}

/** The profile whose runs have the published scale. */
export const paperProfile = "paper";

type State = "inside" | "outside" | "open" | "empty";

/**
 * Judges a claim by the runs of one block.
 *
 * @param authors the author's logs as observations, at most one
 * @param ours the block's observations, one per seed; none when nothing was run
 * @param profile the block's profile; undefined when nothing was run
 * @param label a row's name in words
 */
export function judge(
  claim: Claim,
  authors: Observation[],
  ours: Observation[],
  profile: string | undefined,
  label: (row: string) => string,
): Judgement {
  const reading = read(claim.rule, ours, label);
  return {
    ...decide(claim, reading, profile),
    published: `${claim.holdsInPrint ? "holds" : "fails"}${claim.remark ? `: ${withoutVerdict(claim.remark)}` : ""}`,
    authors: logged(read(claim.rule, authors, label)),
    ours: reading.text,
  };
}

function decide(claim: Claim, reading: Reading, profile: string | undefined): { verdict: Verdict; reason: string } {
  const { rule } = claim;
  if (!claim.holdsInPrint) {
    const derived = claim.where === "derived" ? "; the authors do not claim it" : "";
    return { verdict: "contradicted by the paper itself", reason: `the published numbers fail it${derived}` };
  }
  if (rule.kind === "printed") return { verdict: "not run at this scale", reason: rule.why };
  if (rule.kind === "value" && profile !== paperProfile) {
    const found = profile === undefined ? "nothing was run" : `this is profile ${profile}`;
    return { verdict: "not run at this scale", reason: `it is an absolute value of the published scale; ${found}` };
  }
  const states = reading.contrasts.map(state);
  if (states.includes("outside")) return { verdict: "not reproduced", reason: basis(reading) };
  if (profile === undefined) return { verdict: "not run at this scale", reason: "nothing was run" };
  if (reading.missing.length > 0) {
    return { verdict: "not run at this scale", reason: `no run of ${listed(reading.missing)}` };
  }
  if (states.includes("empty")) return { verdict: "inconclusive", reason: "no seed has all rows" };
  if (states.every((found) => found === "inside")) return { verdict: "reproduced", reason: excess(claim, reading) };
  return { verdict: "inconclusive", reason: direction(reading) };
}

/** Where a contrast lies: by its 95 % interval, by its mean for time with fewer than three seeds, else open. */
function state({ values, low, high, noisy }: Contrast): State {
  if (values.length === 0) return "empty";
  const { mean, half } = estimate(values);
  if (half === null && noisy) return "open";
  const from = mean - (half ?? 0), to = mean + (half ?? 0);
  if (to < low || from > high) return "outside";
  return from > low && to < high ? "inside" : "open";
}

/** How many seeds the numbers rest on, and how they are read. */
function basis({ contrasts }: Reading): string {
  const n = seeds(contrasts);
  return n >= 3 ? `n = ${n}, by 95 % intervals` : `n = ${n}, by the mean over all steps`;
}

function seeds(contrasts: Contrast[]): number {
  return Math.min(...contrasts.map(({ values }) => values.length).filter((n) => n > 0));
}

function excess({ rule }: Claim, reading: Reading): string {
  if (rule.kind !== "timeRatio") return basis(reading);
  const wanted = `${basis(reading)}; at most ${fixed(rule.ratio + rule.tolerance, 3)} is wanted`;
  const more = reading.contrasts.every(({ values }) => average(values) < rule.ratio - rule.tolerance);
  return more ? `${wanted}; saves more than published` : wanted;
}

function direction({ contrasts }: Reading): string {
  const n = seeds(contrasts);
  const agree = contrasts.every(holdsOnAverage) ? "agrees" : "does not agree";
  if (n < 3) return `n = ${n}, at least 3 seeds are wanted; the direction ${agree}`;
  return `n = ${n}, the 95 % intervals leave it open; the mean ${agree}`;
}

function holdsOnAverage({ values, low, high }: Contrast): boolean {
  const mean = average(values);
  return mean > low && mean < high;
}

/** The numbers of the logs, and whether they hold by their mean, as far as there are any. */
function logged({ contrasts, text, missing }: Reading): string {
  const without = missing.length > 0 ? `no log of ${listed(missing)}` : "";
  const seen = contrasts.filter(({ values }) => values.length > 0);
  if (seen.length === 0) return without;
  const holds = without === "" ? "holds" : "holds as far as logged";
  return `${seen.every(holdsOnAverage) ? holds : "fails"}: ${[text, without].filter((part) => part !== "").join("; ")}`;
}

function withoutVerdict(remark: string): string {
  return remark.replace(/^Fails( narrowly)?: /, "").replace(/\.$/, "");
}
