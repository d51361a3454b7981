import { combine, combineAuthors } from "../judging/combine.ts";
import { authorsObservation, type Observation } from "../judging/observations.ts";
import { judgeAuthors, judgePrint } from "../judging/otherSources.ts";
import { rowName } from "../judging/labels.ts";
import { type Evidence, isReadClaim, judge } from "../judging/verdicts.ts";
import type { ClaimReport } from "../model.ts";
import type { LoggedCell } from "../sources/authors.ts";
import type { Claim } from "../sources/claims.ts";
import type { ClaimSet, ClaimSources } from "../sources/claimSets.ts";
import { type Measure, measures } from "./measures.ts";
import type { Scale } from "./scales.ts";
import { observed, type SeedObservation } from "./values.ts";

/** What claims are judged on. */
export interface Grounds {
  sources: ClaimSources;
  authors: LoggedCell[];
  /** The largest first. */
  scales: Scale[];
}

/** Every claim with its outcomes on the print and the logs and its verdicts at each scale, by claim id. */
export async function claimReports(sets: ClaimSet[], grounds: Grounds): Promise<Map<string, ClaimReport>> {
  const reports = new Map<string, ClaimReport>();
  const seen = grounds.scales.map(sightingOf);
  for (const claim of sets.flatMap(({ claims }) => claims)) {
    const { rule } = claim;
    const report = rule.kind === "checks"
      ? restingOn(claim, rule.checks.map((id) => reports.get(id)!))
      : await judged(claim, grounds, seen);
    reports.set(claim.id, report);
  }
  return reports;
}

function head({ id, paper, table, text, where, kind, derived }: Claim) {
  return { id, paper, table, text, where, kind, derived };
}

async function judged(claim: Claim, { sources, authors }: Grounds, seen: Sighting[]): Promise<ClaimReport> {
  const without = await judge(claim, undefined, sources);
  const readable = isReadClaim(claim) && measures.some(({ table }) => table === claim.table);
  const ours = await Promise.all((readable ? seen : []).map(async (sighting) => ({
    scale: sighting.scale.id,
    ...await judge(claim, evidenceOf(sighting, claim.table), sources),
  })));
  const { verdict, reason } = ours[0] ?? without;
  return {
    ...head(claim),
    published: judgePrint(claim),
    authors: await judgeAuthors(claim, logsOf(authors, claim.table), sources),
    ours,
    verdict,
    reason,
  };
}

function restingOn(claim: Claim, checks: ClaimReport[]): ClaimReport {
  const scales = [...new Set(checks.flatMap(({ ours }) => ours.map(({ scale }) => scale)))];
  const at = (scale: string | undefined) =>
    combine(checks.map(({ id, ours, verdict, reason }) => ({
      id,
      judgement: ours.find((found) => found.scale === scale) ?? { verdict, reason, text: "" },
    })));
  const { verdict, reason } = at(scales[0]);
  return {
    ...head(claim),
    published: judgePrint(claim),
    authors: combineAuthors(checks),
    ours: scales.map((scale) => ({ scale, ...at(scale) })),
    verdict,
    reason,
  };
}

/** The runs of a scale in the rows and columns of every table that they fill. */
interface Sighting {
  scale: Scale;
  tables: { measure: Measure; seeds: SeedObservation[] }[];
}

function sightingOf(scale: Scale): Sighting {
  const { block } = scale;
  return { scale, tables: measures.map((measure) => ({ measure, seeds: block ? observed(block, measure) : [] })) };
}

/** The runs of a scale as a claim of one table sees them: its own rows by key, those of other tables by full name. */
function evidenceOf({ scale: { profile, missing }, tables }: Sighting, table: string): Evidence {
  const observations = new Map<number, Observation>();
  const gone: string[] = [];
  for (const { measure, seeds } of tables) {
    const name = (row: string) => measure.table === table ? row : rowName(measure.table, row);
    for (const { seed, values } of seeds) {
      const named = Object.entries(values).map(([row, columns]) => [name(row), columns]);
      observations.set(seed, { ...observations.get(seed), ...Object.fromEntries(named) });
    }
    const lost = Object.entries(measure.rows).filter(([, row]) => missing.some((entry) => entry.row === row));
    gone.push(...lost.map(([row]) => name(row)));
  }
  return { profile, observations: [...observations.values()], gone };
}

function logsOf(cells: LoggedCell[], table: string): Observation | undefined {
  if (!cells.some((cell) => cell.table === table)) return undefined;
  return authorsObservation(cells.map((cell) => ({
    ...cell,
    row: cell.table === table ? cell.row : rowName(cell.table, cell.row),
  })));
}
