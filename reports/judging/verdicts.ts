import { listed } from "../format.ts";
import type { Claim } from "../sources/claims.ts";
import type { ClaimSources } from "../sources/claimSets.ts";
import type { Rule } from "../sources/ruleSchema.ts";
import type { Verdict } from "../vocabulary.ts";
import { type Contrasts, contrastsOf, isRead, type ReadRule } from "./contrasts.ts";
import type { SeedObservations } from "./observations.ts";
import { basis, direction, seedContext, surplus, wanted } from "./reasons.ts";
import { stateOf } from "./states.ts";

/*
 * How a claim is judged on the runs of one scale. Most rules turn the claim into contrasts: numbers, one per seed, that
 * the claim says lie between two bounds (contrast.ts). "Better" is more or less, as the published column says.
 *
 *  ordering    by how much each row is better than the next: above 0, rows paired by seed; rows not run are passed over
 *  best        by how much one row is better than each of the others: above 0
 *  difference  by how much one row is better than another: within bounds, above 0 unless the rule says otherwise. Where
 *              the print gives the size, runs at the published scale have to reach it, less a tolerance; at any other
 *              scale the direction counts. One-sided: gaining more than published holds, and is said
 *  timeRatio   time over the baseline's time of the same seed: below the published ratio plus the doubt of the printed
 *              digits. One-sided: saving more than published holds, and is said
 *  recovery    the baseline's lead over one row is above 0, and the other row wins back the published share of it within
 *              the tolerance, both written as linear contrasts so that no small number is divided by
 *  value       a published absolute value, within the tolerance, or a published drop, one-sided; judged at the published
 *              scale only
 *  contrasts   numbers that expressions compute from one seed's runs, each within its bounds: trends over many rows
 *  exact       a definition: the claim's expression is evaluated on what the project's own code computes; no runs
 *  printed     about the printed numbers alone; no runs
 *  unchecked   nothing that could be evaluated
 *  checks      rests on other claims; see combine.ts
 *
 * The verdict is the first of these that applies:
 *
 *  1. contradicted by the paper itself   the published numbers do not satisfy the claim
 *  2. not checkable                      the rule is `unchecked`
 *  3. holds in print                     the rule is `printed`
 *  4. reproduced, not reproduced         the rule is `exact`, by its expression
 *  5. not run                            nothing was run at any scale
 *  6. not run at this scale              the rule is about the published scale, and this is another one
 *  7. not reproduced                     some contrast lies wholly outside its bounds
 *  8. missing                            a row that the claim needs was run, but the file of the run is gone
 *  9. not run at this scale              a row that the claim needs has no run
 * 10. reproduced                         every contrast lies wholly inside its bounds
 * 11. inconclusive                       otherwise
 *
 * From three seeds on, "lies" is about the contrast's 95 % t interval. Below three seeds a contrast of accuracies or losses
 * is open, so that one run never reproduces nor refutes an accuracy; a ratio of times is judged by its mean, because it
 * already is a mean over all steps. Intervals are not corrected for several contrasts: all must hold for "reproduced",
 * which makes that verdict the more careful one.
 */

/** A verdict with what it rests on, in words. */
export interface Judgement {
  verdict: Verdict;
  /** Our numbers; "" where there are none. */
  text: string;
  reason: string;
}

/** The runs of one scale. */
export interface Evidence {
  /** E.g. "profile laptop with pretrain.epochs=20". */
  settings: string;
  /** Whether they are those of the print. */
  published: boolean;
  /**
   * Values by row and column of the claim's table, in the columns and units of the print. Rows of other tables are named
   * by `rowName`.
   */
  seeds: readonly SeedObservations[];
  /** Rows of which runs are known whose files are gone. */
  gone: readonly string[];
}

type ReadClaim = Claim & { rule: ReadRule };

/**
 * Judges a claim by the runs of one scale; for claims that rest on other ones see `combine`.
 *
 * @param evidence undefined when nothing was run at any scale
 * @throws {RangeError} for a claim that rests on other ones
 */
export async function judge(
  claim: Claim,
  evidence: Evidence | undefined,
  sources: ClaimSources,
): Promise<Judgement> {
  const found = evidence && isReadClaim(claim)
    ? await contrastsOf(claim, evidence.seeds, sources.works, evidence.published)
    : undefined;
  const { verdict, reason } = withoutRuns(claim) ?? decide(claim, evidence, found, sources);
  return { verdict, text: found?.text ?? "", reason };
}

/** Whether a claim is read on observations. */
export function isReadClaim(claim: Claim): claim is ReadClaim {
  return isRead(claim.rule);
}

type Decision = Pick<Judgement, "verdict" | "reason">;

/** The verdict on a claim that needs no runs; undefined where runs decide. */
function withoutRuns({ id, rule, outcome, derived, computed }: Claim): Decision | undefined {
  if (rule.kind === "checks") throw new RangeError(`Cannot judge claim ${id} by itself: it rests on other ones`);
  const aboutCode = rule.kind === "exact" && rule.expr === undefined;
  if (outcome === "fails" && !aboutCode) {
    const unclaimed = derived ? "; the authors do not claim it" : "";
    return { verdict: "contradicted by the paper itself", reason: `the published numbers fail it${unclaimed}` };
  }
  if (rule.kind === "unchecked") return { verdict: "not checkable", reason: rule.why };
  if (rule.kind === "printed") return { verdict: "holds in print", reason: rule.why };
  if (rule.kind !== "exact") return undefined;
  return { verdict: computed ? "reproduced" : "not reproduced", reason: `computed by ${rule.by}` };
}

function decide(
  claim: Claim,
  evidence: Evidence | undefined,
  found: Contrasts | undefined,
  sources: ClaimSources,
): Decision {
  if (!evidence || !found) return { verdict: "not run", reason: "nothing was run" };
  const { settings, published, gone } = evidence;
  if (!published && needsPublishedScale(claim.rule)) {
    const reason = `it is an absolute value of the published scale; this is ${settings}`;
    return { verdict: "not run at this scale", reason };
  }
  const states = found.contrasts.map(stateOf), context = published ? seedContext(claim, found, sources) : "";
  if (states.includes("outside")) return { verdict: "not reproduced", reason: `${basis(found)}${context}` };
  if (found.missing.length > 0) return withoutRows(found, gone);
  if (states.includes("empty")) return { verdict: "inconclusive", reason: "no seed has all rows" };
  if (states.some((state) => state === "open")) {
    return { verdict: "inconclusive", reason: `${direction(found)}${context}` };
  }
  const reason = `${basis(found)}${wanted(claim.rule, published)}${surplus(found)}${context}`;
  return { verdict: "reproduced", reason };
}

function needsPublishedScale(rule: Rule): boolean {
  return rule.kind === "value" || (rule.kind === "contrasts" && rule.scale === "published");
}

function withoutRows({ missing, missingLabels }: Contrasts, gone: readonly string[]): Decision {
  const lost = missingLabels.filter((_, k) => gone.includes(missing[k]));
  return lost.length > 0
    ? { verdict: "missing", reason: `the file of the run of ${listed(lost)} is gone` }
    : { verdict: "not run at this scale", reason: `no run of ${listed(missingLabels)}` };
}
