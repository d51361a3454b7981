import { HEADLINES } from "../judging/headlines.ts";
import { FAULTS, type Verdict } from "../vocabulary.ts";
import type { ClaimReport, Report } from "../model.ts";
import { allClaims } from "./claimGroups.ts";
import { type State, verdictMeanings } from "./words.ts";

/** One question with the claims that answer it. */
export interface Headline {
  question: string;
  claims: ClaimReport[];
}

/** The headline claims; questions without a claim in the report are left out. */
export function headlines(report: Report): Headline[] {
  const claims = new Map(allClaims(report).map((claim) => [claim.id, claim]));
  return HEADLINES
    .map(({ question, ids }) => ({ question, claims: ids.flatMap((id) => claims.get(id) ?? []) }))
    .filter(({ claims }) => claims.length > 0);
}

/** How many claims have each outcome, outcomes without claims left out. */
export interface Tally {
  title: string;
  counts: { state: State; count: number }[];
}

/** The statements that are counted: all claims, but for the arithmetic checks that DMJD's numbered claims rest on. */
export function statements(report: Report): ClaimReport[] {
  const tables = report.tables.filter(({ paper }) => paper !== "dmjd").flatMap(({ claims }) => claims);
  return [...tables, ...report.textClaims, ...report.dmjdClaims];
}

/** The counted statements without those that say again what another one says. */
function distinctStatements(report: Report): ClaimReport[] {
  return statements(report).filter(({ repeats }) => repeats === "");
}

/** Outcomes of the counted statements in print, in the author's logs and in our runs, each once. */
export function tallies(report: Report): Tally[] {
  const claims = distinctStatements(report);
  const count = (title: string, states: readonly State[], of: (claim: ClaimReport) => State): Tally => ({
    title,
    counts: states.map((state) => ({ state, count: claims.filter((claim) => of(claim) === state).length }))
      .filter(({ count }) => count > 0),
  });
  const outcomes = ["holds", "fails", "not checkable"] as const;
  return [
    count("On the printed numbers", outcomes, ({ published }) => published.outcome),
    count("In the author’s logs", [...outcomes, "no log"], ({ authors }) => authors.outcome),
    count("Our verdict", verdictMeanings.map(([verdict]) => verdict), ({ verdict }) => verdict),
  ];
}

/** The statements of the authors that their own printed numbers do not satisfy, the gravest first. */
export function contradictions(report: Report): ClaimReport[] {
  const faults: readonly Verdict[] = FAULTS;
  return distinctStatements(report).filter(({ verdict }) => faults.includes(verdict))
    .sort((a, b) => faults.indexOf(a.verdict) - faults.indexOf(b.verdict));
}
