import { listedRows } from "../format.ts";
import type { Claim } from "../sources/claims.ts";
import type { ClaimSources } from "../sources/claimSets.ts";
import type { Rule } from "../sources/ruleSchema.ts";
import type { Verdict } from "../vocabulary.ts";
import { type Contrasts, contrastsOf, isRead, type ReadRule } from "./contrasts.ts";
import type { Evidence, Observed } from "./evidence.ts";
import { seedsWanted } from "./headlines.ts";
import { type Lacks, needsMore } from "./lacking.ts";
import { isSteady, machineChange, sameWork, timesIn } from "./machine.ts";
import { basis, direction, few, otherMethod, seedContext, surplus, unlike, wanted } from "./reasons.ts";
import { needsPublished } from "./publishedScale.ts";
import { refutesBy, type State, statesOf } from "./states.ts";
import { type Decision, withoutRuns } from "./withoutRuns.ts";

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
 *  1. inconsistent, …             the published numbers do not satisfy the claim: how they miss it is said with it (FAULTS);
 *                                 not claimed, where the authors do not make it
 *  2. not checkable               the rule is `unchecked`
 *  3. holds in print              the rule is `printed`
 *  4. holds, fails by computation the rule is `exact`, by its expression
 *  5. refused                     the rule is about the published scale, and nothing was run there
 *  6. not run                     nothing was run at any scale; refused, where no run can fill the cells
 *  7. another method              it is about times alone, and all that were measured are of a backward pass that freezing cuts
 *  8. inconclusive                it compares times of rows, and the same work took times that differ by over 3 %, or nothing tells:
 *                                 rows of different work that did not take turns
 *  9. not reproduced              some contrast lies wholly outside its bounds
 * 10. missing                     a row that the claim needs was run, but no file of the run can be read
 * 11. not run at this scale       a row that the claim needs has no run; refused, where it can have none
 * 12. reproduced                  every contrast lies wholly inside its bounds
 * 13. inconclusive                otherwise
 *
 * "Lies" is about 95 % t intervals of paired seeds, or of paired repeats of a measurement of time: at least three, five for the
 * accuracies of a headline claim (headlines.ts); see states.ts for claims of many contrasts. What is about accuracies and was
 * judged at another scale than the print's is no reproduction: it says `same here`, `other here`, `undecided here`. Times are
 * relative to a baseline's and judged at any scale where freezing alone makes the difference: rows that do the same work before
 * it. Others hang on the scale, as how much of a step is loading does. With the verdict goes the smallest difference that such seeds
 * show four times of five, of the contrasts that decide.
 */

/** A verdict with what it rests on, in words. */
export interface Judgement extends Decision {
  /** Our numbers; "" where there are none. */
  text: string;
}

type ReadClaim = Claim & { rule: ReadRule };

/**
 * Judges a claim by the runs of one scale; for claims that rest on other ones see `combine`.
 *
 * @param evidence undefined when nothing was run at any scale
 * @param lacks tells which cells no run can fill; none unless given
 * @throws {RangeError} for a claim that rests on other ones
 */
export async function judge(
  claim: Claim,
  evidence: Evidence | undefined,
  sources: ClaimSources,
  lacks: Lacks = () => undefined,
): Promise<Judgement> {
  const without = withoutRuns(claim);
  if (!isReadClaim(claim)) return { ...(without ?? NOT_RUN), text: "" };
  if (!evidence) return { ...(without ?? await nothingRun(claim, sources, lacks)), text: "" };
  const found = await chosen(claim, evidence, sources);
  return { ...(without ?? decide(claim, evidence, found, { sources, lacks })), text: found.text };
}

const NOT_RUN: Decision = { verdict: "not run", reason: "nothing was run" };

/** A claim of which nothing was run: refused where nothing can be. */
async function nothingRun(claim: ReadClaim, { works }: ClaimSources, lacks: Lacks): Promise<Decision> {
  if (needsPublishedScale(claim.rule)) return { verdict: "refused", reason: needsPublished() };
  const needs = needsMore(claim.rule, await contrastsOf(claim, [], works, false), lacks);
  return needs === undefined ? NOT_RUN : { verdict: "refused", reason: needs };
}

/** Whether a claim is read on observations. */
export function isReadClaim(claim: Claim): claim is ReadClaim {
  return isRead(claim.rule);
}

/** What a claim's rule makes of a scale's runs, and of which of them. */
interface Found extends Contrasts, Pick<Observed, "unfrozen"> {
  /** Whether times are of a backward pass that freezing cuts. */
  cut: boolean;
}

/** By the released code's times where they are there, else by those of a backward pass that freezing cuts. */
async function chosen(claim: ReadClaim, evidence: Evidence, { works }: ClaimSources): Promise<Found> {
  const { published, timed, cut } = evidence;
  const released = await contrastsOf(claim, evidence.seeds, works, published);
  if (released.missing.length > 0 && timesIn(claim.rule, timed) !== "none") {
    const other = await contrastsOf(claim, cut.seeds, works, published);
    if (other.missing.length < released.missing.length) return { ...other, unfrozen: cut.unfrozen, cut: true };
  }
  return { ...released, unfrozen: evidence.unfrozen, cut: false };
}

function decide(
  claim: Claim,
  evidence: Evidence,
  found: Found,
  { sources, lacks }: { sources: ClaimSources; lacks: Lacks },
): Decision {
  const { rule } = claim, { published, timed } = evidence, times = timesIn(rule, timed);
  if (!published && needsPublishedScale(rule)) {
    return { verdict: "refused", reason: needsPublished() };
  }
  const anywhere = published || (times === "only" && sameWork(rule, found));
  const word = (verdict: keyof typeof HERE) => anywhere ? verdict : HERE[verdict];
  if (times === "only" && found.cut && found.missing.length === 0) {
    return { verdict: "another method", reason: otherMethod(found) };
  }
  const seeds = (noisy: boolean) => seedsWanted(claim.id, noisy);
  const states = statesOf(found.contrasts, ({ noisy }) => seeds(noisy));
  const context = published ? seedContext(claim, found, sources) : "", change = machineChange(rule, found);
  const whole = found.missing.length === 0;
  const weak = (reason: string): Decision => ({ verdict: word("inconclusive"), reason, weak: true });
  if (whole && times !== "none" && !isSteady(change)) return weak(unlike(change));
  const inState = (state: State) => found.contrasts.filter((_, k) => states[k] === state);
  if (states.includes("outside")) {
    const misses = refutesBy(found.contrasts, ({ noisy }) => seeds(noisy));
    return { verdict: word("not reproduced"), reason: `${basis(found, inState("outside"), misses)}${context}` };
  }
  if (!whole) return withoutRows(rule, found, { lost: evidence.lost, lacks });
  if (states.includes("empty")) return weak("no seed has all rows");
  if (states.includes("few")) return weak(`${few(found, seeds)}${context}`);
  if (states.includes("open")) {
    return { verdict: word("inconclusive"), reason: `${direction(found, inState("open"))}${context}` };
  }
  const reason = `${basis(found)}${wanted(rule, published)}${surplus(found)}${context}`;
  return { verdict: word("reproduced"), reason };
}

/** What a verdict is called at another scale than that of the print. */
const HERE = {
  "reproduced": "same here",
  "not reproduced": "other here",
  "inconclusive": "undecided here",
} as const satisfies Partial<Record<Verdict, Verdict>>;

function needsPublishedScale(rule: Rule): boolean {
  return rule.kind === "value" || (rule.kind === "contrasts" && rule.scale === "published");
}

function withoutRows(
  rule: Rule,
  { missing, missingLabels }: Contrasts,
  { lost, lacks }: { lost: readonly string[]; lacks: Lacks },
): Decision {
  const labels = missingLabels.filter((_, k) => lost.includes(missing[k]));
  if (labels.length > 0) {
    return { verdict: "missing", reason: `no file of the run of ${listedRows(labels)} can be read` };
  }
  const needs = needsMore(rule, { missing, missingLabels }, lacks);
  return needs === undefined
    ? { verdict: "not run at this scale", reason: `no run of ${listedRows(missingLabels)}` }
    : { verdict: "refused", reason: needs };
}
