import { rowState } from "../reports/render/comparison.ts";
import { scalesOf } from "../reports/scales/scale.ts";
import { evidenceOf } from "../reports/tables/evidence.ts";
import { filledTable } from "../reports/tables/fills.ts";
import { measuredAt } from "../reports/tables/measured.ts";
import { assertEqual } from "./assert.ts";
import { madeUpRecords } from "./madeUpRecords.ts";
import { cell, published, reported, rowOf, study } from "./tablesTools.ts";

/** Three paired seeds of LocalMIM and of ViTFreeze with the released backward pass; nothing freezes in the first two epochs of five. */
const timed = (frozen: number, unfrozen = 10, seeds = 3) =>
  madeUpRecords({
    rows: ["localmim", "vitfreeze_live"],
    seeds: Array.from({ length: seeds }, (_, seed) => seed),
    numbers: (row, seed) =>
      row === "localmim" ? { seconds: 10 + seed / 100 } : { seconds: frozen, unfrozen: unfrozen + seed / 100 },
  });

Deno.test("tableReport() judges a time ratio at any scale, one-sided, from three pairs on, where the machine was the same", () => {
  const verdict = (...made: Parameters<typeof timed>) =>
    cell(reported(timed(...made)), "vitfreeze_live", "ratio").verdict;
  assertEqual(verdict(5), "reproduced");
  assertEqual(verdict(9.9), "not reproduced");
  assertEqual(verdict(5, 10, 2), "inconclusive");
  assertEqual([verdict(5, 9.8), verdict(5, 9.6)], ["reproduced", "inconclusive"]);
});

Deno.test("evidenceOf() puts times of the released backward pass in the printed row, and those that are cut apart", () => {
  const cut = madeUpRecords({
    rows: ["vitfreeze"],
    seeds: [0, 1, 2],
    there: timed(5),
    numbers: () => ({ seconds: 3, unfrozen: 10 }),
  });
  const { scales } = scalesOf([...timed(5), ...cut], []), [measured] = measuredAt(scales, filledTable(published)!);
  const { seeds, unfrozen, cut: other, timed: columns } = evidenceOf([measured], measured);
  assertEqual([...columns], ["gpu_hours"]);
  const hours = (of: typeof seeds, row: string) => of.map(([observation]) => observation[row]?.gpu_hours);
  assertEqual(hours(seeds, "vitfreeze").map((value) => value! > hours(other.seeds, "vitfreeze")[0]!), [
    true,
    true,
    true,
  ]);
  assertEqual(hours(seeds, "vitfreeze_live"), [undefined, undefined, undefined]);
  assertEqual(unfrozen.map(({ localmim, vitfreeze }) => [localmim.seconds.length, vitfreeze.seconds.length]), [
    [5, 2],
    [5, 2],
    [5, 2],
  ]);
  const rowsSeen = reported([...timed(5), ...cut]).scales[0].rows.map(({ key, like }) => [key, like]);
  assertEqual(rowsSeen.at(-1), ["vitfreeze_live", "vitfreeze"]);
});

Deno.test("a row of which nothing but the time is known says so", () => {
  const some = (rows: string[]) => study(3, undefined, undefined, { rows });
  const frozen = some(["vitfreeze"]).filter(({ record: { phase } }) => phase.kind === "pretrain");
  const table = reported([...some(["localmim"]), ...frozen]);
  const state = (row: string) => rowState(table, rowOf(table.scales[0], row));
  assertEqual([state("localmim"), state("vitfreeze")], ["n = 3", "times alone, n = 3"]);
});
