import { UserError } from "../../core/errors.ts";
import type { ClaimHead, Fault, Outcome } from "../vocabulary.ts";
import { checkDirections, checkRule } from "./checkRule.ts";
import type { ClaimRules } from "./claimSchema.ts";
import { expression } from "./expression/expression.ts";
import type { Group } from "./expression/shape.ts";
import { worldData, worldShape } from "./expression/world.ts";
import type { Published } from "./published.ts";
import type { PublishedClaim } from "./publishedSchema.ts";
import { isCrosschecks, isTable, type PublishedWorks } from "./publishedWorks.ts";
import type { Rule } from "./ruleSchema.ts";
import { paperOf } from "./workIds.ts";

/** A claim with its rule, and whether the published numbers themselves satisfy it. */
export interface Claim extends ClaimHead {
  remark: string;
  rule: Rule;
  /** On the published numbers. */
  outcome: Outcome;
  /** How the published numbers miss it, where they do and the authors make it. */
  fails?: Fault;
  /** Whether the project's own code satisfies it, for a rule `exact`; null for other rules. */
  computed: boolean | null;
}

/** What a claim's expressions are evaluated on. */
export interface World {
  shape: Group;
  data: Record<string, unknown>;
}

/** The published numbers as the claims of one work see them. @param own id of the table that `rows` stands for */
export function printedWorld(works: PublishedWorks, own: string): World {
  return { shape: worldShape(works, own), data: worldData(works, own) };
}

/**
 * A claim with its outcomes.
 *
 * @param expr the claim's check; undefined where there is none
 * @throws {UserError} when an expression or the rule names something unknown, or an expression is not true or false
 */
export async function judgedInPrint(
  claim: Omit<Claim, "outcome" | "computed">,
  expr: string | undefined,
  world: World,
): Promise<Claim> {
  const { id, rule } = claim;
  checkRule(claim, world.shape, expr !== undefined);
  const truth = (text: string) => expression(`evaluate claim ${id}`, text, world.shape).truth(world.data);
  const holds = expr === undefined ? undefined : await truth(expr);
  const computed = rule.kind !== "exact" ? null : rule.expr === undefined ? holds ?? null : await truth(rule.expr);
  const judged: Claim = {
    ...claim,
    outcome: holds === undefined ? "not checkable" : holds ? "holds" : "fails",
    computed,
  };
  checkFault(judged);
  return judged;
}

/** @throws {UserError} when a claim that its print fails has no kind of failing, or one that has not failed has one */
export function checkFault({ id, outcome, rule, derived, fails }: Claim): void {
  const wanted = outcome === "fails" && !derived && !(rule.kind === "exact" && rule.expr === undefined);
  if (wanted === (fails !== undefined)) return;
  const found = fails === undefined ? "no word on how" : `'${fails}'`;
  throw new UserError(
    `Cannot judge claim ${id}: ${found} its print fails it, want \`fails\` exactly where it does and the authors make it`,
  );
}

/**
 * The claims that stand with a published work, each with its rule and evaluated on the published numbers.
 *
 * @throws {UserError} when claims and rules do not match, or one of them cannot be used
 */
export async function claimsOf(work: Published, rules: ClaimRules, works: PublishedWorks): Promise<Claim[]> {
  const published = publishedClaims(work), world = printedWorld(works, work.id);
  if (rules.id !== work.id) throw new UserError(`Cannot use the claims of ${work.id}: their id is '${rules.id}'`);
  const stray = rules.claims.find(({ id }) => !published.some((claim) => claim.id === id));
  if (stray) throw new UserError(`Cannot use the rule of claim ${stray.id}: ${work.id} has no such claim`);
  const claims: Claim[] = [];
  for (const claim of published) {
    const found = rules.claims.filter(({ id }) => id === claim.id);
    if (found.length !== 1) {
      throw new UserError(`Cannot judge claim ${claim.id}: it has ${found.length} rules in reports/claims/, want one`);
    }
    const [{ rule, expr, derived, remark, fails, repeats }] = found;
    if ((claim.check === null) !== (expr === undefined)) {
      throw new UserError(`Cannot judge claim ${claim.id}: want an expression exactly where the print has a check`);
    }
    if (isTable(work)) checkDirections({ id: claim.id, rule }, work);
    claims.push(
      await judgedInPrint(
        { ...described(claim, work), ...marked(claim, derived, remark), rule, fails, repeats },
        expr,
        world,
      ),
    );
  }
  return claims;
}

/** The claims that a published work makes itself; those that figures name are made elsewhere. */
export function publishedClaims(work: Published): PublishedClaim[] {
  const claims = isCrosschecks(work) ? work.checks : work.claims ?? [];
  return claims.filter((claim) => typeof claim !== "string");
}

/** What the project's rule for a claim adds to the published statement. */
function marked(claim: PublishedClaim, derived: boolean, remark: string) {
  return { derived: derived || claim.where === "derived", remark: claim.remark || remark };
}

function described(claim: PublishedClaim, work: Published) {
  return {
    id: claim.id,
    paper: paperOf(work.id),
    table: work.id,
    text: claim.text,
    where: claim.where ?? (isCrosschecks(work) ? "across tables" : work.section),
    kind: claim.kind ?? (claim.check === null ? "text" : "arithmetic"),
  };
}
