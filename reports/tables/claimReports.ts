import { whyUnfilled } from "../../experiments/unfilled.ts";
import { combine, combineAuthors } from "../judging/combine.ts";
import { authorsObservation, type Observation } from "../judging/observations.ts";
import { judgeAuthors, judgeDecoders, judgePrint } from "../judging/otherSources.ts";
import { rowName } from "../judging/labels.ts";
import type { Evidence } from "../judging/evidence.ts";
import type { Lacks } from "../judging/lacking.ts";
import { isReadClaim, judge, type Judgement } from "../judging/verdicts.ts";
import { inPrint } from "../judging/withoutRuns.ts";
import type { ClaimReport } from "../model.ts";
import type { DecoderShare } from "../logs/decoderShare.ts";
import type { LoggedCell } from "../sources/authors.ts";
import type { Claim } from "../sources/claims.ts";
import type { ClaimSet, ClaimSources } from "../sources/claimSets.ts";
import { evidenceOf } from "./evidence.ts";
import type { MeasuredTable } from "./measured.ts";

/** What claims are judged on. */
export interface Grounds {
  sources: ClaimSources;
  authors: LoggedCell[];
  /** What dropping decoders saves in the author's log. */
  decoders: DecoderShare | undefined;
  /** What was measured of every table; of a table's scales the largest first. */
  measured: readonly MeasuredTable[];
  /** Ids of all scales, the largest first. */
  scales: readonly string[];
}

/** Every claim with its outcomes on the print and the logs and its verdicts at each scale, by claim id. */
export async function claimReports(sets: ClaimSet[], grounds: Grounds): Promise<Map<string, ClaimReport>> {
  const reports = new Map<string, ClaimReport>();
  const evidence = grounds.measured.map((own) => ({
    own,
    evidence: evidenceOf(grounds.measured.filter(({ scale }) => scale === own.scale), own),
  }));
  for (const claim of sets.flatMap(({ claims }) => claims)) {
    const { rule } = claim;
    const report = rule.kind === "checks"
      ? restingOn(claim, rule.checks.map((id) => reports.get(id)!), grounds.scales)
      : rule.kind === "logged"
      ? inLogs(claim, grounds)
      : await judged(claim, grounds, evidence);
    reports.set(claim.id, report);
  }
  return reports;
}

function head({ id, paper, table, text, where, kind, derived, repeats }: Claim) {
  return { id, paper, table, text, where, kind, derived, repeats };
}

/** What no run can fill, by rows of a claim's own table and of the others as observations name them. */
function lacksOf(own: string, tables: readonly string[]): Lacks {
  return (row, column) => {
    const other = tables.find((id) => row.startsWith(`${id}.`));
    return other ? whyUnfilled(other, row.slice(other.length + 1), column) : whyUnfilled(own, row, column);
  };
}

/** A claim that the author's log alone decides. */
function inLogs(claim: Claim, { decoders }: Grounds): ClaimReport {
  const authors = judgeDecoders(decoders), published = judgePrint(claim);
  const verdict = authors.outcome === "holds" ? "holds in the logs" : "fails in the logs";
  const decided = authors.outcome === "no log" ? "not checkable" : verdict;
  return { ...head(claim), published, authors, ours: [], verdict: decided, reason: authors.text || published.text };
}

/** A claim is judged at the scales at which something of its table was run. */
async function judged(
  claim: Claim,
  { sources, authors }: Grounds,
  all: { own: MeasuredTable; evidence: Evidence }[],
): Promise<ClaimReport> {
  const lacks = lacksOf(claim.table, [...sources.works.keys()]);
  const without = await judge(claim, undefined, sources, lacks);
  const ran = isReadClaim(claim) ? all.filter(({ own: { table } }) => table.id === claim.table) : [];
  const ours = await Promise.all(ran.map(async ({ own: { scale: { id } }, evidence }) => ({
    scale: id,
    ...await judge(claim, evidence, sources, lacks),
  })));
  const { verdict, reason } = telling(ours) ?? without;
  return {
    ...head(claim),
    published: judgePrint(claim),
    authors: await judgeAuthors(claim, logsOf(authors, claim.table), sources),
    ours,
    verdict,
    reason,
  };
}

function restingOn(claim: Claim, checks: ClaimReport[], all: readonly string[]): ClaimReport {
  const scales = all.filter((scale) => checks.some(({ ours }) => ours.some((found) => found.scale === scale)));
  const at = (scale: string | undefined) =>
    combine(checks.map((check) => ({ id: check.id, judgement: judgementAt(check, scale) })));
  const ours = scales.map((scale) => ({ scale, ...at(scale) }));
  const { verdict, reason } = inPrint(claim) ?? telling(ours) ?? at(undefined);
  return {
    ...head(claim),
    published: judgePrint(claim),
    authors: combineAuthors(checks),
    ours,
    verdict,
    reason,
  };
}

/**
 * The judgement at the largest scale at which enough was run to tell, else at which something was, else at the largest; what
 * no run can decide there gives way to what was decided elsewhere. None where there is no scale.
 */
function telling<T extends Judgement>(ours: readonly T[]): T | undefined {
  const said = ours.filter(({ verdict }) => verdict !== "not run at this scale" && verdict !== "refused");
  return said.find(({ weak }) => !weak) ?? said[0] ?? ours[0];
}

/** How a check fares at a scale; one that needs no runs, or of which nothing was run, fares alike at all of them. */
function judgementAt({ ours, verdict, reason }: ClaimReport, scale: string | undefined): Judgement {
  const found = ours.find((one) => one.scale === scale);
  if (found) return found;
  if (ours.length === 0) return { verdict, reason, text: "" };
  return { verdict: "not run at this scale", reason: "nothing of its table was run", text: "" };
}

function logsOf(cells: LoggedCell[], table: string): Observation | undefined {
  if (!cells.some((cell) => cell.table === table)) return undefined;
  return authorsObservation(cells.map((cell) => ({
    ...cell,
    row: cell.table === table ? cell.row : rowName(cell.table, cell.row),
  })));
}
