import { UserError } from "../../core/errors.ts";
import type { Outcome, Paper } from "../vocabulary.ts";
import { checkFault, type Claim, claimsOf, judgedInPrint, printedWorld, publishedClaims } from "./claims.ts";
import {
  claimRulesSchema,
  numberedClaimsSchema,
  type SeedBand,
  seedBandSchema,
  textClaimsSchema,
} from "./claimSchema.ts";
import { isCrosschecks, isTable, loadPublishedWorks, type PublishedWorks } from "./publishedWorks.ts";
import { paperOf } from "./workIds.ts";
import { yamlFile } from "./yamlFile.ts";

/** Claims that stand together. */
export interface ClaimSet {
  /** Id of the published table, figure or list of cross-checks; "text" or "dmjd.claims" for the others. */
  id: string;
  paper: Paper;
  kind: "table" | "figure" | "crosschecks" | "text" | "numbered";
  claims: Claim[];
}

/** What claims are judged with. */
export interface ClaimSources {
  works: PublishedWorks;
  seedBand: SeedBand;
}

/** Reads everything published, and how full reruns scatter. */
export async function loadClaimSources(): Promise<ClaimSources> {
  const [works, seedBand] = await Promise.all([loadPublishedWorks(), yamlFile("claims/seedBand.yaml", seedBandSchema)]);
  return { works, seedBand };
}

/**
 * Every claim of the three papers, evaluated on the published numbers: those of tables, figures and cross-checks in the
 * order of the works, then those of the text, then DMJD's numbered ones.
 *
 * @throws {UserError} when a claim has no rule, or an expression or rule names something unknown
 */
export async function loadClaimSets({ works }: Pick<ClaimSources, "works">): Promise<ClaimSet[]> {
  const sets: ClaimSet[] = [];
  for (const work of works.values()) {
    if (publishedClaims(work).length === 0) continue;
    const rules = await yamlFile(`claims/${work.id.replace(".", "/")}.yaml`, claimRulesSchema);
    const kind = isTable(work) ? "table" : isCrosschecks(work) ? "crosschecks" : "figure";
    sets.push({ id: work.id, paper: paperOf(work.id), kind, claims: await claimsOf(work, rules, works) });
  }
  const checks = sets.flatMap(({ claims }) => claims);
  return [...sets, await textClaims(works), await numberedClaims(checks)];
}

async function textClaims(works: PublishedWorks): Promise<ClaimSet> {
  const { id, claims } = await yamlFile("claims/text.yaml", textClaimsSchema);
  const world = printedWorld(works, ""), paper = "thesis";
  const judged: Claim[] = [];
  for (const { expr, ...claim } of claims) {
    judged.push(await judgedInPrint({ ...claim, paper, table: "", derived: false }, expr, world));
  }
  return { id, paper, kind: "text", claims: judged };
}

async function numberedClaims(checks: Claim[]): Promise<ClaimSet> {
  const { id, claims } = await yamlFile("claims/dmjd/claims.yaml", numberedClaimsSchema);
  const judged = claims.map(({ checks: named, why = "", testable, ...claim }): Claim => ({
    ...claim,
    paper: "dmjd",
    table: "",
    kind: testable.join(", "),
    rule: named.length === 0 ? { kind: "unchecked", why } : { kind: "checks", checks: named },
    outcome: combinedOutcome(named.map((name) => outcomeOf(claim.id, name, checks))),
    computed: null,
  }));
  judged.forEach(checkFault);
  return { id, paper: "dmjd", kind: "numbered", claims: judged };
}

function outcomeOf(claim: string, name: string, checks: Claim[]): Outcome {
  const found = checks.find(({ id }) => id === name);
  if (found) return found.outcome;
  throw new UserError(`Cannot judge claim ${claim}: there is no check '${name}'`);
}

/** Fails when one of its checks fails, holds when all that can be evaluated hold. */
function combinedOutcome(outcomes: Outcome[]): Outcome {
  if (outcomes.includes("fails")) return "fails";
  return outcomes.includes("holds") ? "holds" : "not checkable";
}
