import { type ClaimRules, claimRulesSchema, textClaimsSchema } from "../reports/sources/claimSchema.ts";
import { type ClaimSet, loadClaimSets, loadClaimSources } from "../reports/sources/claimSets.ts";
import { type Claim, claimsOf, publishedClaims } from "../reports/sources/claims.ts";
import { expression } from "../reports/sources/expression/expression.ts";
import { worldData, worldShape } from "../reports/sources/expression/world.ts";
import { isFigure, isTable, type PublishedWorks, tableOf } from "../reports/sources/publishedWorks.ts";
import { ruleSchema } from "../reports/sources/ruleSchema.ts";
import { yamlFile } from "../reports/sources/yamlFile.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";

const sources = await loadClaimSources();
const sets = await loadClaimSets(sources);
const claims = sets.flatMap(({ claims }) => claims);
const reference = "../shared/published";

function ofSets(wanted: (set: ClaimSet) => boolean): Claim[] {
  return sets.filter(wanted).flatMap(({ claims }) => claims);
}

const thesis = ofSets(({ paper, id }) => paper !== "dmjd" || id === "text");
const checks = ofSets(({ paper, id }) => paper === "dmjd" && id !== "dmjd.claims");
const numbered = ofSets(({ id }) => id === "dmjd.claims");

function count(of: Claim[], outcome: Claim["outcome"]): number {
  return of.filter((claim) => claim.outcome === outcome).length;
}

function failing(of: Claim[]): string[] {
  return of.filter(({ outcome }) => outcome === "fails").map(({ id }) => id);
}

Deno.test("loadClaimSets() holds every claim once, in the order of works, with its counts", () => {
  assertEqual([thesis.length, checks.length, numbered.length], [101, 84, 43]);
  assertEqual([count(thesis, "holds"), count(thesis, "fails"), count(thesis, "not checkable")], [71, 18, 12]);
  assertEqual([count(checks, "holds"), count(checks, "fails"), count(checks, "not checkable")], [68, 5, 11]);
  assertEqual([count(numbered, "holds"), count(numbered, "fails"), count(numbered, "not checkable")], [30, 2, 11]);
  assertEqual(new Set(claims.map(({ id }) => id)).size, 101 + 84 + 43);
  const cross = ofSets(({ kind }) => kind === "crosschecks");
  assertEqual([cross.length, count(checks, "holds") + count(checks, "fails") - cross.length], [19, 54]);
  assertEqual(sets.slice(0, 2).map(({ id }) => id), ["thesis.table01", "thesis.table02"]);
  assertEqual(sets.slice(-2).map(({ id, kind }) => [id, kind]), [["text", "text"], ["dmjd.claims", "numbered"]]);
});

Deno.test("the published numbers fail 18 and 5 of the claims", () => {
  assertEqual(failing(thesis), [
    ...["t01.1", "t05.4", "t10.2", "t10.6", "t11.3", "t11.4", "t13.3", "t15.3", "t17.3", "t17.7"],
    ...["t18.2", "t18.3", "t18.4", "t20.2", "t20.5", "t20.6", "p1.2", "p1.6"],
  ]);
  const contradictions = ["x.simmim_hours", "x.beit_miou", "x.simmim_backbone"];
  assertEqual(failing(checks), ["t3.half_ete_everywhere", "t7.half_ete_vs_clip", ...contradictions]);
  assertEqual(failing(numbered), ["d.18", "d.42"]);
});

Deno.test("every outcome on the published numbers is that of the published files", () => {
  for (const work of sources.works.values()) {
    for (const { id, check, holds, expect } of publishedClaims(work)) {
      const wanted = check === null ? null : holds ?? expect ?? true;
      const { outcome } = claims.find((claim) => claim.id === id)!;
      assertEqual(outcome, wanted === null ? "not checkable" : wanted ? "holds" : "fails", id);
    }
  }
});

Deno.test("every outcome of the thesis' and the paper's claims is that of the reference", async () => {
  const text = await textOf(`${reference}/CLAIMS.md`);
  if (text === undefined) return;
  const lines = text.matchAll(/^\d+\. `(\S+)` \((\w+); .*Own numbers: (holds|\*\*FAILS\*\*|not checkable)\./gm);
  const wanted = [...lines].map(([, id, kind, found]) => [id, kind, found.replace("**FAILS**", "fails")]);
  assertEqual(wanted.length, 101);
  assertEqual(thesis.map(({ id, kind, outcome }) => [id, kind, outcome]), wanted);
});

Deno.test("the numbered claims are those of the reference, with its kinds, and rest on the checks that it names", async () => {
  const text = await textOf(`${reference}/dmjd/CLAIMS.md`);
  if (text === undefined) return;
  const kinds = { A: "arithmetic", S: "small scale", F: "full scale", T: "timing" };
  const lines = [...text.matchAll(/^(\d+)\. ([SFAT/]+) - (.*)$/gm)];
  assertEqual(lines.length, 43);
  for (const [, number, letters, line] of lines) {
    const claim = numbered.find(({ id }) => id === `d.${number}`)!;
    const wanted = letters.split("/").map((letter) => kinds[letter as keyof typeof kinds]);
    assertEqual(claim.kind, wanted.join(", "), claim.id);
    const named = [...line.matchAll(/\b[tfx]\d?\.[a-z_]+\b(?!\*)/g)].map(([id]) => id).filter((id) =>
      !id.endsWith("_")
    );
    const rests: string[] = claim.rule.kind === "checks" ? claim.rule.checks : [];
    for (const id of named) assertTrue(rests.includes(id), `${claim.id} does not rest on ${id}`);
  }
});

Deno.test("numbered claims rest on every check of Tables I to VII that the text makes", () => {
  const rests = new Set(numbered.flatMap(({ rule }) => rule.kind === "checks" ? rule.checks : []));
  const unnamed = checks.map(({ id }) => id).filter((id) => !rests.has(id) && !id.startsWith("x."));
  assertEqual(unnamed, [
    "t1.direction", // says less than t1.gain
    "t2.ete_rule", // a definition
    "t2.same_cost_per_view_epoch", // the authors do not make it
    "t3.half_ete_with_block", // d.18 is the unqualified reading
    "t3.mae_l_859", // part of d.13
    "t6.scale_up_lp", // part of d.36
    "t6.best_ft_nonparam_b", // in no numbered claim
    "f4.coverage", // d.5 rests on no check
  ]);
});

Deno.test("claims that the authors do not make are marked", () => {
  const derived = claims.filter((claim) => claim.derived).map(({ id }) => id);
  const ofThesis = ["t10.6", "t13.3", "t14.3", "t14.4", "t15.3", "t17.7", "t20.12", "t20.15"];
  assertEqual(derived, [...ofThesis, "t2.same_cost_per_view_epoch", "t5.linear_hurts", "d.27"]);
});

type Repair = (row: string, column: string) => number | undefined;

/** Claims that break in several places, so that no single number can make them hold, each with numbers that do. */
const repairs: Record<string, Repair> = {
  "t13.3": (row, column) => column === "top1" ? 90 - Number(row.replace(/^lr_(\d)_?(\d?)e4$/, "$1.$2")) : undefined,
  "t18.3": (_, column) => column === "pt_epoch" ? 100 : undefined,
  "t20.2": (row, column) => column.startsWith("acc") ? 100 - Number(row.match(/^in(\d+)_/)![1]) / 2 : undefined,
  "t20.5": (_, column) => column.startsWith("acc") ? 50 : undefined,
  "t20.6": (_, column) => column.startsWith("acc") ? 50 : undefined,
  "t3.half_ete_everywhere": (row, column) => column === "ete" ? (row.endsWith("_dm") ? 400 : 800) : undefined,
};
/** Claims that rest on no published cell: on the project's code, or on numbers of the text. */
const withoutCells = ["t01.2", "x.1", "x.2", "x.3", "x.5", "x.15"];
/** Claims about texts alone, such as names of classes. */
const aboutTexts = ["t03.1", "t03.2", "t04.1", "t19.1", "x.simmim_backbone"];

Deno.test("every check turns over when a number that it rests on changes", async () => {
  const works = structuredClone(sources.works) as PublishedWorks;
  const turned: string[] = [], turnedByText: string[] = [], unturned: string[] = [];
  for (const { id, own, expr } of await checkTexts()) {
    const check = expression(id, expr, worldShape(works, own)), data = worldData(works, own);
    const now = () => check.truth(own.includes("figure") ? worldData(works, own) : data);
    const before = await now(), differs = () => now().then((found) => found !== before, () => false);
    const named = [...works.keys()].filter((work) => expr.includes(work) || (work === own && /\brows\b/.test(expr)));
    const all = cells(works, named);
    if (repairs[id] && await turnsWhenRepaired(all, repairs[id], differs)) turned.push(id);
    else if (!repairs[id] && await anyTurns(all, numbersNear(expr, all), differs)) turned.push(id);
    else if (await anyTurns(all, textsNear, differs)) turnedByText.push(id);
    else unturned.push(id);
  }
  assertEqual(turnedByText, aboutTexts);
  assertEqual(unturned, withoutCells);
  assertEqual(turned.length, 89 + 73 - aboutTexts.length - withoutCells.length);
});

async function turnsWhenRepaired(cells: Cell[], repair: Repair, differs: () => Promise<boolean>) {
  for (const { row, column, value, set } of cells) set(repair(row, column) ?? value);
  const found = await differs();
  for (const { value, set } of cells) set(value);
  return found;
}

interface Cell {
  row: string;
  column: string;
  value: unknown;
  set: (value: unknown) => void;
}

async function anyTurns(cells: Cell[], near: (value: unknown) => unknown[], differs: () => Promise<boolean>) {
  for (const { value, set } of cells) {
    for (const other of near(value)) {
      set(other);
      const found = await differs();
      set(value);
      if (found) return true;
    }
  }
  return false;
}

/** Numbers a little and far away, those of the check itself and those of the other cells. */
function numbersNear(expr: string, cells: Cell[]) {
  const named = expr.match(/\d+(\.\d+)?/g)?.map(Number) ?? [];
  const others = cells.map(({ value }) => value).filter((value) => typeof value === "number");
  return (value: unknown) => {
    if (typeof value !== "number") return [];
    const near = [value * 1.02 + 0.01, value * 0.9 - 0.1, value * 3 + 5, -5, value + 0.06, value - 0.06, 100 * 1300];
    return [...near, ...new Set([...named, ...others])];
  };
}

function textsNear(value: unknown): unknown[] {
  return typeof value === "string" ? [`${value}, x`, "ViT-B"] : [];
}

function cells(works: PublishedWorks, named: string[]): Cell[] {
  return named.map((id) => works.get(id)!).flatMap((work) => {
    if (isTable(work)) return work.rows.flatMap(({ key, values }) => cellsOf(key, values));
    return isFigure(work) ? (work.numbers_readable ?? []).flatMap((number) => cellsOf(number.what, number)) : [];
  });
}

function cellsOf(row: string, values: Record<string, unknown>): Cell[] {
  return Object.keys(values).map((column) => {
    const set = (value: unknown) => Object.assign(values, { [column]: value });
    return { row, column, value: values[column], set };
  });
}

/** Every check with the work that it stands with. */
async function checkTexts(): Promise<{ id: string; own: string; expr: string }[]> {
  const works = [...sources.works.values()].filter((work) => publishedClaims(work).length > 0).map(({ id }) => id);
  const files = await Promise.all(works.map((id) => yamlFile(`claims/${id.replace(".", "/")}.yaml`, claimRulesSchema)));
  const all = [...files, await yamlFile("claims/text.yaml", textClaimsSchema)];
  return all.flatMap(({ id: own, claims }) => claims.flatMap(({ id, expr }) => expr ? [{ id, own, expr }] : []));
}

/** What is said of Table 17's claims when their rules are changed. */
async function refusal(change: (rules: ClaimRules["claims"], rules17: ClaimRules) => void, wanted: string) {
  const rules = await yamlFile("claims/thesis/table17.yaml", claimRulesSchema);
  change(rules.claims, rules);
  await assertRejects(() => claimsOf(tableOf(sources.works, "thesis.table17"), rules, sources.works), wanted);
}

Deno.test("claimsOf() wants one rule for each claim, and an expression where there is a check", async () => {
  await refusal((rules) => rules.pop(), "Cannot judge claim t17.8: it has 0 rules in reports/claims/, want one");
  await refusal(
    (rules) => rules.push(rules[0]),
    "Cannot judge claim t17.1: it has 2 rules in reports/claims/, want one",
  );
  await refusal(
    (rules) => rules[7].id = "t17.9",
    "Cannot use the rule of claim t17.9: thesis.table17 has no such claim",
  );
  const wanted = "Cannot judge claim t17.5: want an expression exactly where the print has a check";
  await refusal((rules) => delete rules[4].expr, wanted);
  await refusal(
    (_, rules) => rules.id = "thesis.table11",
    "Cannot use the claims of thesis.table17: their id is 'thesis.table11'",
  );
});

Deno.test("claimsOf() refuses expressions that name what is not printed", async () => {
  const row = "Cannot evaluate claim t17.7: row 'vitfreez' is not in thesis.table17, want one of localmim, vitfreeze, ";
  await refusal((rules) => rules[6].expr = "rows.vitfreez.top5 > 1", row);
  const other =
    "Cannot evaluate claim t17.7: row 'localmim' is not in thesis.table11, want one of localmim_50, localmim_70, ";
  await refusal((rules) => rules[6].expr = "thesis.table11.rows.localmim.top5 > 1", other);
  const column = "Cannot evaluate claim t17.7: column 'top_5' is not in thesis.table17, want one of gpu_hours, top1, ";
  await refusal((rules) => rules[6].expr = "rows.vitfreeze.top_5 > 1", column);
  const table =
    "Cannot evaluate claim t17.7: table or figure 'table21' is not in thesis, want one of table01, table02, ";
  await refusal((rules) => rules[6].expr = "thesis.table21.rows.vitfreeze.top5 > 1", table);
  const value = "Cannot evaluate claim t17.7: its expression gave 96.18, want true or false";
  await refusal((rules) => rules[6].expr = "rows.vitfreeze.top5", value);
});

Deno.test("claimsOf() refuses rules that name what is not printed", async () => {
  const rule = (value: unknown) => (rules: ClaimRules["claims"]) => {
    rules[4].rule = ruleSchema.parse(value);
  };
  const row =
    "Cannot use the rule of claim t17.5: row 'vitfreez' is not in thesis.table17, want one of localmim, vitfreeze, ";
  const column =
    "Cannot use the rule of claim t17.5: column 'top2' is not in thesis.table17, want one of gpu_hours, top1, ";
  const order = ["localmim", "vitfreez"];
  await refusal(rule({ kind: "ordering", chains: [{ column: "top1", order }] }), row);
  await refusal(rule({ kind: "best", columns: ["top1"], row: "localmim", over: ["vitfreez"] }), row);
  await refusal(rule({ kind: "difference", leads: [{ column: "top2", row: "localmim", over: "vitfreeze" }] }), column);
  await refusal(
    rule({ kind: "value", targets: [{ row: "localmim", column: "top2", value: 1 }], tolerance: 1 }),
    column,
  );
  const time = { kind: "timeRatio", baseline: "localmim", rows: ["vitfreez"], ratio: 1, tolerance: 1 };
  await refusal(rule({ ...time, column: "gpu_hours" }), row);
  const share = { kind: "recovery", baseline: "localmim", of: "vitfreez", by: "vitfreeze", share: 1, tolerance: 1 };
  await refusal(rule({ ...share, column: "top1" }), row);
  const numbers = [{ what: "gain", expr: "rows.vitfreez.top1" }];
  await refusal(rule({ kind: "contrasts", numbers }), row);
  const settings = { kind: "contrasts", numbers: [{ what: "one", expr: "1" }], settings: ["top2"] };
  await refusal(rule(settings), "Cannot use the rule of claim t17.5: setting 'top2' is no column of a published table");
  await refusal(rule({ kind: "unchecked", why: "" }), "it is unchecked, yet the claim has an expression");
});

Deno.test("claimsOf() refuses to say what is better in a column that has no better direction", async () => {
  const table = tableOf(sources.works, "thesis.table10");
  const rules = await yamlFile("claims/thesis/table10.yaml", claimRulesSchema);
  const chains = [{ column: "best_epoch", order: ["sgd_nofo", "adamw_nofo"] }];
  rules.claims[0].rule = ruleSchema.parse({ kind: "ordering", chains });
  const wanted = "Cannot use the rule of claim t10.1: neither more nor less is better in column 'best_epoch'";
  await assertRejects(() => claimsOf(table, rules, sources.works), wanted);
});

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch {
    console.log(`skipped: no ${path}`);
  }
}
