import type { ClaimReport, Report } from "../model.ts";
import type { Paper } from "../vocabulary.ts";
import { paperOrder, papers, tableTitle } from "./words.ts";

/** Claims that stand together, in the order of the report. */
export interface ClaimGroup {
  paper: Paper;
  title: string;
  /** The table that they belong to; "" for none. */
  table: string;
  claims: ClaimReport[];
}

/** All claims, by paper and table; groups without claims are left out. */
export function claimGroups(report: Report): ClaimGroup[] {
  return paperOrder.flatMap((paper) => [
    ...report.tables.filter((table) => table.paper === paper).map((table) => ({
      paper,
      title: tableTitle(table),
      table: table.id,
      claims: table.claims,
    })),
    loose(paper, "Definitions, and what the text alone says", report.textClaims),
    loose(paper, "Numbered claims of the paper", report.dmjdClaims),
    loose(paper, "Checks across tables, and of figures", report.crossChecks),
  ]).filter(({ claims }) => claims.length > 0);
}

function loose(paper: Paper, title: string, claims: ClaimReport[]): ClaimGroup {
  return {
    paper,
    title: `${papers[paper]}: ${title}`,
    table: "",
    claims: claims.filter((claim) => claim.paper === paper),
  };
}

/** All claims in one list. */
export function allClaims(report: Report): ClaimReport[] {
  return claimGroups(report).flatMap(({ claims }) => claims);
}
