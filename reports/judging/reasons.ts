import { fixed } from "../format.ts";
import type { Claim } from "../sources/claims.ts";
import type { SeedBand } from "../sources/claimSchema.ts";
import type { ClaimSources } from "../sources/claimSets.ts";
import { isTable } from "../sources/publishedWorks.ts";
import type { Rule } from "../sources/ruleSchema.ts";
import type { Contrasts } from "./contrasts.ts";
import type { Contrast } from "./contrast.ts";
import type { Change } from "./machine.ts";
import { holdsOnAverage } from "./states.ts";
import { average, detectable, MISSES } from "./statistics.ts";

/**
 * How many seeds the numbers rest on, and what can be seen with them.
 *
 * @param deciding the contrasts that decide; all unless given
 * @param misses how often an interval that decides misses
 */
export function basis({ contrasts }: Contrasts, deciding: readonly Contrast[] = contrasts, misses = MISSES): string {
  const share = 100 * (1 - misses), level = misses === MISSES ? "95" : fixed(share, 1);
  return `n = ${seeds(contrasts)}, by ${level} % intervals${smallest(deciding, misses)}`;
}

/** The smallest difference that shows, of the contrast that scatters most. */
function smallest(contrasts: readonly Contrast[], misses = MISSES): string {
  const sizes = contrasts.flatMap(({ values }) => values.length < 3 ? [] : [detectable(values, misses)]);
  const most = Math.max(...sizes);
  return sizes.length > 0 ? `; differences from ${twoDigits(most)} on show four times of five` : "";
}

/** 0.034, 1.2, 15. */
function twoDigits(value: number): string {
  return fixed(value, Math.max(0, 1 - Math.floor(Math.log10(value || 1))));
}

/** That there are too few seeds, and whether the numbers agree with the claim on average. */
export function few({ contrasts }: Contrasts, wanted: (noisy: boolean) => number): string {
  const n = seeds(contrasts), want = Math.max(...contrasts.map(({ noisy }) => wanted(noisy)));
  return `n = ${n}, want ${want}; ${agreement(contrasts)}`;
}

/** That the machine took other times for the same work, or that nothing tells whether it did. */
export function unlike(change: Change): string {
  if (change === null) {
    return "the rows do different work, and were run one after another: nothing tells whether the machine stayed the same";
  }
  return `the machine changed: rows took times for the same work that differ by ${fixed(100 * change, 1)} %`;
}

/** That the times are of a backward pass that the print has not, and what they are beside the print. */
export function otherMethod(found: Contrasts): string {
  const n = seeds(found.contrasts), more = surplus(found);
  const by = "by a backward pass that freezing cuts, which the released code does not";
  return `n = ${n}, ${by}${more || (found.contrasts.every(holdsOnAverage) ? "; saves as much" : "; saves less")}`;
}

/** What is wanted of a ratio of times; that sizes do not count at a scale of our own. */
export function wanted(rule: Rule, published: boolean): string {
  if (rule.kind === "timeRatio") return `; at most ${fixed(rule.ratio + rule.tolerance, 3)} is wanted`;
  const sized = rule.kind === "difference" && rule.leads.some(({ by }) => by !== undefined);
  return sized && !published ? "; at this scale the direction alone counts" : "";
}

/** Says of a one-sided claim that ours is better than published in every contrast that has a published size. */
export function surplus({ contrasts }: Contrasts): string {
  const sized = contrasts.flatMap(({ values, better }) => better ? [{ mean: average(values), ...better }] : []);
  const all = sized.every(({ mean, from, side }) => side === "above" ? mean > from : mean < from);
  return sized.length > 0 && all ? `; ${sized[0].words}` : "";
}

/**
 * Why a claim stays open, and whether the numbers agree with it on average.
 *
 * @param open the contrasts that leave it so
 */
export function direction({ contrasts }: Contrasts, open: readonly Contrast[]): string {
  const n = seeds(contrasts);
  return `n = ${n}, the 95 % intervals leave it open; ${agreement(contrasts)}${smallest(open)}`;
}

function agreement(contrasts: Contrast[]): string {
  return `the mean ${contrasts.every(holdsOnAverage) ? "agrees" : "does not agree"}`;
}

/** For accuracies at the published scale: how full reruns scatter, and where they lie beside their print. */
export function seedContext(claim: Claim, { contrasts }: Contrasts, { works, seedBand }: ClaimSources): string {
  const work = works.get(claim.table), accuracy = contrasts.some(({ noisy }) => noisy);
  return work && isTable(work) && work.dataset === seedBand.dataset && accuracy ? `; ${inWords(seedBand)}` : "";
}

function inWords({ model, reruns, sd, mean, published }: SeedBand): string {
  const below = fixed(published - mean, 2);
  return `for scale: ${reruns} full reruns of ${model} scatter by ${sd} (sd) and lie ${below} below their print`;
}

function seeds(contrasts: Contrast[]): number {
  return Math.min(...contrasts.map(({ values }) => values.length).filter((n) => n > 0));
}
