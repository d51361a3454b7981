import { table17 } from "../experiments/thesis/table17.ts";
import { table20 } from "../experiments/thesis/table20.ts";
import { loadPublishedTable } from "../reports/sources/published.ts";
import { alignedTable } from "../reports/tables/aligned.ts";
import { tableText, terminalTables } from "../reports/tables/terminal.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { madeUpRecords } from "./madeUpRecords.ts";
import { published, ran, study } from "./tablesTools.ts";

Deno.test("tableText() is aligned and at most 100 columns wide", () => {
  const text = tableText(published, ran(table17, study(3, undefined, [12345.6, 10802.4, 10802.4, 10802.4])), 100);
  const lines = text.trimEnd().split("\n");
  assertEqual(lines.length, 6);
  assertTrue(lines.every((line) => line.length <= 100), text);
  assertEqual(new Set(lines.slice(1).map((line) => line.length)).size, 1);
  assertEqual(
    lines[3].split(/ {2,}/),
    ["ViTFreeze", "0.875", "82.66", "96.18", "0.54", "10802.40", "0.875", "0.875", "60.50", "81.00", "1.30", "3"],
  );
  assertTrue(/^thesis\.table17 +published +ours \(profile ci\)$/.test(lines[0]), lines[0]);
  const nothing = tableText(published, ran(table17, []), 100);
  assertEqual([nothing.match(/not run/g)?.length, nothing.includes("ours (nothing was run)")], [4, true]);
});

Deno.test("tableText() prints of a large table the rows that were run, and why rows are not compared", async () => {
  const table = await loadPublishedTable("thesis.table20"), big = { ...table, rows: [...table.rows, ...table.rows] };
  const records = madeUpRecords({ experiment: table20, rows: ["in5_400_400.acc_t08"] });
  const lines = tableText({ ...big, rows: big.rows.slice(0, 41) }, ran(table20, records), 160).trimEnd().split("\n");
  assertEqual([lines.length, lines[2].slice(0, 3), lines[3]], [4, "IN5", "40 of 41 rows were not run"]);
  const all = tableText(table, ran(table20, records), 160).trimEnd().split("\n");
  assertEqual(all.length, 2 + 36);
  const alone = tableText(published, ran(table17, study(1, undefined, undefined, { rows: ["vitfreeze"] })), 100);
  assertEqual(alone.trimEnd().split("\n").at(-1), "ViTFreeze: no pair: no run of LocalMIM-HOG");
});

Deno.test("tableText() fits any terminal of 72 columns and more: printed top-5 first, then groups below each other", async () => {
  const records = study(3, undefined, [12.34, 10.8, 10.8, 10.8]);
  const big = await loadPublishedTable("thesis.table20");
  for (let columns = 72; columns <= 160; columns++) {
    for (
      const text of [tableText(published, ran(table17, records), columns), tableText(big, ran(table20, []), columns)]
    ) {
      const long = text.split("\n").find((line) => line.length > columns);
      assertEqual(long, undefined, `wider than ${columns}`);
    }
  }
  const words = (columns: number) =>
    tableText(published, ran(table17, records), columns).split("\n")[1].trim().split(/ +/).join(" ");
  assertEqual(words(100), "ratio top-1 top-5 drop s/ep ratio whole top-1 top-5 drop n");
  assertEqual(words(80), "ratio top-1 drop s/ep ratio whole top-1 top-5 drop n");
  const titles = tableText(big, ran(table20, []), 80).split("\n").filter((line) => line.startsWith("thesis.table20 "));
  assertEqual(titles.map((line) => line.slice(14).trim()), ["published", "ours (nothing was run)"]);
});

Deno.test("alignedTable() shortens labels, but not so that two look the same", () => {
  const columns = [{ head: "value", group: "all", cells: ["1", "2"] }];
  const rows = (labels: string[]) => alignedTable({ name: "name", labels, columns }, 28).slice(-2);
  const tail = "of twenty letters or so";
  assertEqual(rows([`a ${tail}`, `b ${tail}`]), ["a of twenty letters…      1", "b of twenty letters…      2"]);
  assertEqual(rows([`${tail} a`, `${tail} b`]).map((line) => line.length > 28), [false, false]);
});

Deno.test("terminalTables() prints every table of an experiment, its own first", async () => {
  const { experiment, settings, records } = ran(table17, study(1));
  const text = await terminalTables(experiment, settings, records, 100);
  assertEqual(text.match(/^(thesis|vitfreeze)\.\w+/gm), ["thesis.table17", "thesis.table18", "vitfreeze.table1"]);
});
