import type { ClaimReport, Report } from "../model.ts";
import { counted } from "../format.ts";
import { allClaims } from "./claimGroups.ts";
import { statements } from "./overview.ts";

/** A claim of a work, one that says again what another one says, or a check that a numbered claim rests on. */
export type ClaimKind = "claim" | "repeat" | "check";

/** How many of what is judged are what; every page, Markdown and the terminal take their counts from here. */
export interface ClaimCounts {
  /** All claims of the works. */
  claims: number;
  /** Those of them that say again what another one says: tallies count them with it. */
  repeats: number;
  /** Arithmetic checks of tables and figures that stand beside the claims. */
  checks: number;
}

/** What each of the report's claims is. */
export function claimKinds(report: Report): Map<ClaimReport, ClaimKind> {
  const claims = new Set(statements(report));
  return new Map(
    allClaims(report).map((one) => [one, !claims.has(one) ? "check" : one.repeats === "" ? "claim" : "repeat"]),
  );
}

/** The counts of a report. */
export function claimCounts(report: Report): ClaimCounts {
  const kinds = [...claimKinds(report).values()],
    count = (wanted: ClaimKind) => kinds.filter((kind) => kind === wanted).length;
  return { claims: count("claim") + count("repeat"), repeats: count("repeat"), checks: count("check") };
}

/** "144 claims and 84 cross-checks". */
export function countsText(report: Report): string {
  const { claims, checks } = claimCounts(report);
  return `${counted(claims, "claim")} and ${counted(checks, "cross-check")}`;
}

/** What the tallies count: "141 claims are counted: 3 say again what another one says." */
export function tallyText(report: Report): string {
  const { claims, repeats } = claimCounts(report);
  if (repeats === 0) return "Every claim is counted once; cross-checks are not counted.";
  const again = `${repeats} ${repeats === 1 ? "says" : "say"} again what another one says`;
  return `Counted are the ${
    claims - repeats
  } claims that say something of their own; ${again}. Cross-checks are not counted.`;
}
