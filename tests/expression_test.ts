import fc from "fast-check";
import { expression, type Limits } from "../reports/sources/expression/expression.ts";
import type { Group, Shape } from "../reports/sources/expression/shape.ts";
import { assertEqual, assertRejects } from "./assert.ts";

/** Two rows of a made-up Table 11, and a list of one number. */
const row: Group = { noun: "column", of: "thesis.table11", members: named({ top1: "value", hours: "value" }) };
const rows: Group = {
  noun: "row",
  of: "thesis.table11",
  members: named({ localmim_50: row, vitfreeze: row }),
  each: row,
};
const shape: Group = { noun: "name", of: "what was published", members: named({ rows, one: { each: "value" } }) };
const data = { rows: { localmim_50: { top1: 83, hours: 24 }, vitfreeze: { top1: 82, hours: null } }, one: [5] };
const short: Limits = { timeout: 50, stack: 500, sequence: 1000 };

function named(members: Record<string, Shape>): ReadonlyMap<string, Shape> {
  return new Map(Object.entries(members));
}

function truth(text: string, limits?: Limits): Promise<boolean> {
  return Promise.resolve().then(() => expression("evaluate claim t11.5", text, shape, limits).truth(data));
}

/** The message after "Cannot evaluate claim t11.5: ", the whole of it. */
async function refusal(text: string): Promise<string> {
  const message = await assertRejects(() => truth(text, short), "Cannot evaluate claim t11.5: ");
  return message.replace("Cannot evaluate claim t11.5: ", "");
}

Deno.test("expression() evaluates comparisons, conditions, variables and functions over rows", async () => {
  const cases: [string, boolean][] = [
    ["rows.localmim_50.top1 > rows.vitfreeze.top1", true],
    ["rows.localmim_50.top1 < rows.vitfreeze.top1 or false", false],
    ["$all(rows, function($r) { $r.top1 > 81 })", true],
    ["$all(rows, function($r) { $r.top1 > 82 })", false],
    ['$all(rows, function($r, $key) { $key = "localmim_50" or $r.hours = null })', true],
    ["$tally(rows, function($r) { $r.top1 > 82 }) = 1", true],
    ["$mean(rows, function($r) { $r.top1 }) = 82.5 and $mean([1, 2, 6]) = 3", true],
    ["$list(rows, function($r) { $r.top1 }) = [83, 82]", true],
    ["[$list(rows, function($r) { $r.top1 }), 1] = [83, 82, 1]", true],
    ["$list($sortedBy(rows, function($r) { $r.top1 }), function($r) { $r.top1 }) = [82, 83]", true],
    ["$all($pairs([1, 2, 4]), function($p) { $p.a < $p.b })", true],
    ["$all($pairs([1, 4, 2]), function($p) { $p.a < $p.b })", false],
    ["$at([7, 8], 1) = 8", true],
    ["$count($where(rows, function($r) { $r.hours != null })) = 1", true],
    ["($r := rows.vitfreeze; $r.top1 = 82 ? $r.hours = null : false)", true],
    ["$all([0..2], function($i) { $all([0..1], function($j) { $i * $j >= 0 }) })", true],
  ];
  for (const [text, wanted] of cases) assertEqual(await truth(text), wanted, text);
});

Deno.test("expression() treats a list of one like any other list", async () => {
  assertEqual(await truth("$all(one, function($x) { $x = 5 }) and $mean(one) = 5 and $at(one, 0) = 5"), true);
  assertEqual(await truth("$list(one, function($x) { $x }) = [5]"), true);
  assertEqual(await truth('$all($split("a", ","), function($x) { $x = "a" })'), true);
  assertEqual(await truth("$all($where(one, function($x) { $x > 1 }), function($x) { $x > 5 })"), false);
});

Deno.test("expression() names the row, column or name that does not exist, also where it would not be reached", async () => {
  const row = "row 'vitfreez' is not in thesis.table11, want one of localmim_50, vitfreeze";
  const column = "column 'top_1' is not in thesis.table11, want one of top1, hours";
  assertEqual(await refusal("rows.vitfreez.top1 > 1"), row);
  assertEqual(await refusal("rows.vitfreeze.top1 > 1 or rows.vitfreez.top1 > 1"), row);
  assertEqual(await refusal("rows.vitfreeze.top1 > 90 and $not(rows.vitfreez.top1 > 1)"), row);
  assertEqual(await refusal("rows.vitfreeze.top_1 = 5"), column);
  assertEqual(await refusal("$all(rows, function($r) { $r.top_1 > 1 })"), column);
  assertEqual(await refusal("$all($sortedBy(rows, function($r) { $r.top1 }), function($r) { $r.top_1 > 1 })"), column);
  assertEqual(
    await refusal("$all($pairs($where(rows, function($r) { true })), function($p) { $p.a.top_1 > 1 })"),
    column,
  );
  assertEqual(await refusal("($r := rows.vitfreeze; $r.top_1 > 1)"), column);
  assertEqual(await refusal("$mean(rows, function($r) { $r.top_1 }) > 1"), column);
  assertEqual(await refusal("rowz.a = 1"), "name 'rowz' is not in what was published, want one of rows, one");
  assertEqual(await refusal("rows.vitfreeze.constructor = 1"), column.replace("top_1", "constructor"));
  assertEqual(await refusal("rows.vitfreeze.top1.x = 1"), "'x' is looked up in a value, want a group");
  assertEqual(
    await refusal("$all($pairs([1, 2]), function($p) { $p.c = 1 })"),
    "neighbour 'c' is not in a pair, want one of a, b",
  );
});

Deno.test("expression() refuses unknown variables and functions, among them those that are not repeatable", async () => {
  assertEqual(await refusal("$x = 1"), "variable $x is not known, want none");
  assertEqual(await refusal("$all(rows, function($r) { $s.top1 > 1 })"), "variable $s is not known, want $r");
  for (const name of ["now", "millis", "random", "shuffle", "eval", "each", "al"]) {
    await assertRejects(() => truth(`$${name}() = 1`), `function $${name} is not known, want one of all, tally, `);
  }
});

Deno.test("expression() refuses what its names cannot be followed in", async () => {
  assertEqual(await refusal("rows.*.top1 = 1"), "its expression uses wildcard inside a path, want names");
  assertEqual(await refusal("rows.**.top1 = 1"), "its expression uses descendant inside a path, want names");
  assertEqual(await refusal("rows[0].top1 = 1"), "its expression uses a filter, want none");
  assertEqual(await refusal("rows.vitfreeze[top1 = 1].top1 = 1"), "its expression uses a filter, want none");
  assertEqual(await refusal("rows.vitfreeze^(top1) = 1"), "its expression uses sort inside a path, want names");
  assertEqual(await refusal('{"a": 1} = 1'), "its expression makes an object, want none");
  assertEqual(
    await refusal("rows.vitfreeze.top1 = 82 ? true"),
    "its expression has a condition without an else, want one",
  );
  assertEqual(await refusal("(function($x) { $x })(1) = 1"), "its expression calls what is not a function's name");
  assertEqual(
    await refusal("($f := function($x) { $f($x) }; $f(1))"),
    "its expression keeps a function, want it where it is used",
  );
  assertEqual(await refusal("$.rows = 1"), "variable $ is not known, want none");
  assertEqual(await refusal('$split("a", /a/) = 1'), "its expression uses regex, want none");
});

Deno.test("expression() refuses what would hold whatever the numbers are", async () => {
  const vacuous = (name: string) => `$${name}() has nothing to look at, so it would hold whatever the numbers are`;
  assertEqual(await refusal("$not(false in [])"), "its expression has an empty list, want members");
  assertEqual(await refusal("$all([], function($x) { $x > 1 })"), "its expression has an empty list, want members");
  assertEqual(await refusal("$all([2..1], function($i) { $i > 1 })"), vacuous("all"));
  assertEqual(
    await refusal("$all($where(rows, function($r) { $r.top1 > 99 }), function($r) { false })"),
    vacuous("where"),
  );
  assertEqual(await refusal("$all($pairs(one), function($p) { false })"), vacuous("pairs"));
  assertEqual(await refusal("$at(one, 1) = 5"), "$at() found nothing at place 1");
});

Deno.test("expression() refuses anything but true or false, and functions that give anything else", async () => {
  assertEqual(await refusal("rows.vitfreeze.top1"), "its expression gave 82, want true or false");
  assertEqual(await refusal('"true"'), 'its expression gave "true", want true or false');
  assertEqual(await refusal("null"), "its expression gave null, want true or false");
  assertEqual(await refusal("$max([2..1])"), "its expression gave nothing, want true or false");
  assertEqual(
    await refusal("$all(rows, function($r) { $r.top1 })"),
    "the function of $all() gave 83, want true or false",
  );
  assertEqual(await refusal("$all(rows, 1)"), "$all() was given 1, want a function");
  assertEqual(await refusal("$all(1, function($x) { true })"), "$all() was given 1, want rows or a list");
  assertEqual(await refusal("$mean(rows, function($r) { $r.hours }) > 1"), "$mean() met null, want a number");
  await assertRejects(() => expression("read claim t1", "true", shape).number(data), "gave true, want a number");
});

Deno.test("expression() says in one line what JSONata has to say", async () => {
  assertEqual(await refusal("rows."), "its expression is not JSONata: Unexpected end of expression");
  const wanted = 'The expressions either side of operator "<" must evaluate to numeric or string values';
  assertEqual(await refusal("rows.vitfreeze.hours < 3"), wanted);
});

Deno.test("expression() ends when its expression does not", async () => {
  const deep =
    "$all([0..999], function($i) { $all([0..999], function($j) { $all([0..999], function($k) { $i >= 0 }) }) })";
  assertEqual(await refusal(deep), "it did not end within 50 ms");
  await assertRejects(() => truth("[0..5000] = 1", short), "The maximum sequence length of 5001 was exceeded");
});

Deno.test("expression() compares as TypeScript does, whatever the numbers", async () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true });
  await fc.assert(
    fc.asyncProperty(number, number, async (a, b) => {
      const rows = { localmim_50: { top1: a, hours: b }, vitfreeze: { top1: b, hours: a } };
      const all = expression("test", "$all(rows, function($r) { $r.top1 <= $r.hours })", shape);
      assertEqual(await all.truth({ rows, one: [1] }), a <= b && b <= a);
      const tally = expression("test", "$tally(rows, function($r) { $r.top1 < $r.hours })", shape);
      assertEqual(await tally.number({ rows, one: [1] }), a === b ? 0 : 1);
    }),
    { numRuns: 50 },
  );
});
