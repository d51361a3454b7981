import type { Claim } from "../sources/claims.ts";
import type { Verdict } from "../vocabulary.ts";

/** A verdict and why. */
export interface Decision {
  verdict: Verdict;
  reason: string;
  /** Where it stays open because seeds are too few, or times of the same work too unlike: a scale that has enough says more. */
  weak?: true;
}

/**
 * The verdict on a claim that needs no runs; undefined where runs decide.
 *
 * @throws {RangeError} for a claim that rests on other ones
 */
export function withoutRuns(claim: Claim): Decision | undefined {
  const { id, rule, computed } = claim;
  if (rule.kind === "checks") throw new RangeError(`Cannot judge claim ${id} by itself: it rests on other ones`);
  const fault = rule.kind === "exact" && rule.expr === undefined ? undefined : inPrint(claim);
  if (fault) return fault;
  if (rule.kind === "unchecked" || rule.kind === "logged") return { verdict: "not checkable", reason: rule.why };
  if (rule.kind === "printed") return { verdict: "holds in print", reason: rule.why };
  if (rule.kind !== "exact") return undefined;
  return { verdict: computed ? "holds by computation" : "fails by computation", reason: `computed by ${rule.by}` };
}

/** The verdict on a claim that its own print fails; undefined for others. */
export function inPrint(
  { outcome, derived, fails }: Pick<Claim, "outcome" | "derived" | "fails">,
): Decision | undefined {
  if (outcome !== "fails") return undefined;
  if (derived) {
    return { verdict: "not claimed", reason: "the authors do not claim it, and the published numbers fail it" };
  }
  return { verdict: fails!, reason: "the published numbers fail it" };
}
