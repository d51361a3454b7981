import type { ClaimReport, Report } from "../model.ts";
import { allClaims } from "./claimGroups.ts";
import { type State, verdictMeanings } from "./words.ts";

/** The claims that the works are known for, by what they are about. */
const headlineIds: readonly { question: string; ids: readonly string[] }[] = [
  { question: "Does freezing save time?", ids: ["t11.1", "t17.6"] },
  { question: "Does freezing keep the accuracy?", ids: ["t17.2"] },
  { question: "Would stopping early do as well?", ids: ["t11.7"] },
  { question: "Does disjoint masking save time?", ids: ["d.11", "d.14"] },
];

/** One question with the claims that answer it. */
export interface Headline {
  question: string;
  claims: ClaimReport[];
}

/** The headline claims; questions without a claim in the report are left out. */
export function headlines(report: Report): Headline[] {
  const claims = new Map(allClaims(report).map((claim) => [claim.id, claim]));
  return headlineIds
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

/** Outcomes of the counted statements in print, in the author's logs and in our runs. */
export function tallies(report: Report): Tally[] {
  const claims = statements(report);
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

/**
 * The claims of the authors that their own printed numbers do not satisfy. DMJD's numbered claims are left out: the
 * checks that they rest on are listed.
 */
export function contradictions(report: Report): ClaimReport[] {
  const numbered = new Set(report.dmjdClaims);
  return allClaims(report).filter((claim) =>
    claim.published.outcome === "fails" && !claim.derived && !numbered.has(claim)
  );
}
