import { fixed } from "../format.ts";
import type { Claim } from "../sources/claims.ts";
import type { SeedBand } from "../sources/claimSchema.ts";
import type { ClaimSources } from "../sources/claimSets.ts";
import { isTable } from "../sources/publishedWorks.ts";
import type { Rule } from "../sources/ruleSchema.ts";
import type { Contrasts } from "./contrasts.ts";
import type { Contrast } from "./contrast.ts";
import { holdsOnAverage } from "./states.ts";
import { average } from "./statistics.ts";

/** How many seeds the numbers rest on, and how they are read. */
export function basis({ contrasts }: Contrasts): string {
  const n = seeds(contrasts);
  return n >= 3 ? `n = ${n}, by 95 % intervals` : `n = ${n}, by the mean over all steps`;
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

/** Why a claim stays open, and whether the numbers agree with it on average. */
export function direction({ contrasts }: Contrasts): string {
  const n = seeds(contrasts);
  const agree = contrasts.every(holdsOnAverage) ? "agrees" : "does not agree";
  if (n < 3) return `n = ${n}, at least 3 seeds are wanted; the direction ${agree}`;
  return `n = ${n}, the 95 % intervals leave it open; the mean ${agree}`;
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
