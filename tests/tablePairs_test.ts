import { scalesOf } from "../reports/scales/scale.ts";
import { evidenceOf } from "../reports/tables/evidence.ts";
import { filledTable } from "../reports/tables/fills.ts";
import { measuredAt } from "../reports/tables/measured.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { madeUpRecords } from "./madeUpRecords.ts";
import { cell, elsewhere, published, reported, rowOf, rows, study } from "./tablesTools.ts";

Deno.test("tableReport() pairs rows of one environment, pools accuracies and takes times from one machine", () => {
  const here = study(2),
    there = study(3, undefined, [5, 4, 4, 4], { change: elsewhere })
      .filter(({ record }) => record.phase.seed === 2);
  const report = reported([...here, ...there]), [{ facts }] = report.scales;
  assertEqual(["top1", "drop", "seconds", "ratio"].map((column) => cell(report, "vitfreeze", column).n), [3, 3, 2, 2]);
  assertEqual(cell(report, "vitfreeze", "seconds").mean, 8.7);
  assertTrue(
    facts.includes("Pooled: n = 3 on 2 machines, 2 commits; a drop is of two runs of one environment"),
    facts.join("\n"),
  );
  const times = "Times: n = 2, of one of 2 environments: Example CPU, cores: 2, threads: 2, commit 11111111";
  assertTrue(facts.includes(times), facts.join("\n"));
  // As many pairs on both: the newer ones.
  const newer = study(2, undefined, [5, 4, 4, 4], { change: elsewhere });
  assertEqual(cell(reported([...here, ...newer]), "localmim", "seconds").mean, 5);
  assertEqual(cell(reported([...newer, ...here]), "vitfreeze", "top1").n, 2);
});

Deno.test("tableReport() makes no pair of two environments, and says why", () => {
  const here = study(2, undefined, undefined, { rows: ["localmim"] });
  const there = study(2, undefined, undefined, { rows: ["vitfreeze"], change: elsewhere });
  // Neither has a pair: the newer times are shown.
  const [scale] = reported([...here, ...there]).scales, { cells, absent } = rowOf(scale, "vitfreeze");
  const why = "no pair: another machine than LocalMIM-HOG";
  assertEqual([Object.keys(cells), absent], [["seconds", "top1", "top5"], { ratio: why, recompiled: why, drop: why }]);
  const times = "no pair: another machine than the other times";
  assertEqual(rowOf(scale, "localmim").absent, { seconds: times, ratio: times, recompiled: times });
  // One of two seeds is paired: the other one is named among the facts.
  const partly = reported([...here, ...there, ...study(1, undefined, undefined, { rows: ["vitfreeze"] })]);
  assertEqual([cell(partly, "vitfreeze", "drop").n, cell(partly, "vitfreeze", "top1").n], [1, 2]);
  const fact = "No pair: ViTFreeze, seed 1: another machine than LocalMIM-HOG";
  assertTrue(partly.scales[0].facts.includes(fact), partly.scales[0].facts.join("\n"));
});

Deno.test("tableReport() counts a seed of two environments once, in that which has most rows", () => {
  const here = study(1, [61.5, 60.2, 60.6, 61.2]);
  const there = study(1, [71.5, 70, 70, 70], undefined, { rows: ["localmim", "vitfreeze"], change: elsewhere });
  const report = reported([...there, ...here]);
  assertEqual([cell(report, "localmim", "top1").mean, cell(report, "vitfreeze", "top1").mean], [61.5, 60.2]);
  assertEqual(cell(report, "vitfreeze", "top1").n, 1);
});

Deno.test("evidenceOf() has a seed's environments apart, with the times of one of them", () => {
  const records = [...study(1), ...study(1, undefined, [5, 4, 4, 4], { rows: rows.slice(0, 2), change: elsewhere })];
  const [scale] = scalesOf(records, []).scales, own = measuredAt([scale], filledTable(published)!)[0];
  const { seeds, lost, published: isPublished, cut } = evidenceOf([own], own);
  assertEqual([seeds.length, seeds[0].length, lost, isPublished], [1, 2, [], false]);
  const [fuller, other] = seeds[0];
  assertEqual([Object.keys(fuller).length, Object.keys(other).length], [4, 2]);
  assertEqual([fuller.vitfreeze!.top1, other.vitfreeze!.top1], [60.2, 60.2]);
  assertEqual(["gpu_hours" in fuller.vitfreeze!, "gpu_hours" in other.vitfreeze!], [false, false]);
  assertEqual(cut.seeds[0].map(({ vitfreeze }) => "gpu_hours" in vitfreeze!), [true, false]);
});

Deno.test("tableReport() puts what pre-trains nothing in the environment of what does", () => {
  const table = reported(madeUpRecords({ rows: ["localmim", "scratch"], seeds: [0, 1] }));
  const environments = (row: string) => cell(table, row, "top1").values.map(({ environment }) => environment);
  assertEqual(environments("scratch"), environments("localmim"));
  assertEqual(environments("scratch").length, 2);
});
