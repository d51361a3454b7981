import { rowName } from "../reports/judging/labels.ts";
import type { Observation } from "../reports/judging/observations.ts";
import { judge } from "../reports/judging/verdicts.ts";
import { tableOf } from "../reports/sources/publishedWorks.ts";
import { assertEqual } from "./assert.ts";
import { claim, column, judged, NOTHING, seeds, sources, verdict } from "./verdictsTools.ts";

/** Table 20 with every accuracy as f says, once per seed with a little noise. */
function study(f: (set: number, pre: number, fine: number, column: string) => number, count = 3): Observation[] {
  const { rows } = tableOf(sources.works, "thesis.table20");
  return Array.from({ length: count }, (_, seed) =>
    Object.fromEntries(rows.map(({ key, values }, k) => {
      const set = Number(String(values.dataset).slice(2)), noise = 0.002 * ((seed + k) % 3);
      const accuracy = (name: string) => f(set, Number(values.pre_epochs), Number(values.fine_epochs), name) + noise;
      return [key, Object.fromEntries(["acc_t08", "acc_t08_srlr", "acc_t10"].map((name) => [name, accuracy(name)]))];
    })));
}

Deno.test("judge() reads trends over the cells of one seed's study", async () => {
  const longer = study((set, pre, fine, name) =>
    90 - set / 2 + Math.log(pre * set) + Math.log(fine * set) - (name === "acc_t08" ? set / 20 : 0)
  );
  assertEqual(await verdict("t20.3", longer), "same here");
  assertEqual(await verdict("t20.4", longer), "same here");
  assertEqual(await verdict("t20.9", longer), "same here");
  assertEqual(await verdict("t20.11", longer), "same here");
  assertEqual((await judged("t20.4", longer.slice(0, 1))).verdict, "undecided here");
  const flat = study((_, __, ___, name) => name === "acc_t08" ? 80 : 70);
  assertEqual(await verdict("t20.3", flat), "undecided here");
  assertEqual(await verdict("t20.11", flat), "other here");
  assertEqual(await verdict("t20.13", flat), "other here");
  const rising = study((set, _, __, name) => 50 + set / 3 - (name === "acc_t08" ? 5 - set / 25 : 0));
  assertEqual(await verdict("t20.4", rising), "other here");
  assertEqual(await verdict("t20.9", rising), "other here");
});

Deno.test("judge() finds no row missing that one environment of a seed has", async () => {
  const [whole] = study(() => 80, 1), { in5_400_400: own, ...partial } = whole;
  const told = async (...environments: Observation[]) =>
    (await judge(claim("t20.4"), { ...NOTHING, seeds: [environments] }, sources)).reason;
  assertEqual(await told(partial, whole), "n = 1, want 3; the mean does not agree");
  assertEqual(await told(partial, { in5_400_400: own }), "no seed has all rows");
});

Deno.test("judge() reads numbers from the print for settings alone", async () => {
  const [{ in5_400_400: _, ...partial }] = study(() => 80, 1);
  const { verdict, reason } = await judged("t20.4", [partial]);
  assertEqual([verdict, reason], ["not run at this scale", "no run of IN5, pre-train 400, fine-tune 400"]);
  // t20.10 needs the shortest runs of two sets and no others.
  const two = { in100_20_20: partial.in100_20_20, in25_80_80: partial.in25_80_80 };
  assertEqual(
    (await judged("t20.10", [two])).reason,
    "n = 1, want 3; the mean does not agree",
  );
});

Deno.test("judge() compares with rows of other tables by their full names", async () => {
  const other = rowName("thesis.table20", "in100_100_100");
  const runs = (gain: number) =>
    [0, 0.1, 0.2].map((noise) => ({ p_0_8: { top1: 60 + gain + noise }, [other]: { acc_t08: 60 - noise } }));
  assertEqual(await verdict("t14.2", runs(1)), "same here");
  assertEqual(await verdict("t14.2", runs(-2)), "other here");
  const alone = await judged("t14.2", [{ p_0_8: { top1: 60 } }]);
  assertEqual([alone.verdict, alone.reason], [
    "not run at this scale",
    "no run of IN100, pre-train 100, fine-tune 100 (thesis.table20)",
  ]);
  assertEqual((await judged("t14.3", runs(1))).verdict, "refused");
});

Deno.test("judge() tells rows that were never run from rows whose files are lost", async () => {
  const runs = seeds("top1", { localmim: 84, vitfreeze_srlr: 83, vitfreeze_unscaled: 82 });
  const never = await judged("t17.5", runs);
  assertEqual([never.verdict, never.reason], ["not run at this scale", "no run of ViTFreeze"]);
  const gone = await judged("t17.5", runs, "small", ["vitfreeze"]);
  assertEqual([gone.verdict, gone.reason], ["missing", "no file of the run of ViTFreeze can be read"]);
  assertEqual((await judged("t17.5", runs, "small", ["localmim"])).verdict, "not run at this scale");
  const nothing = await judged("t17.5", [], "small", ["localmim", "vitfreeze"]);
  assertEqual([nothing.verdict, nothing.reason], [
    "missing",
    "no file of the run of LocalMIM-HOG and ViTFreeze can be read",
  ]);
  assertEqual((await judged("t20.4", [], "small", ["in5_400_400"])).verdict, "missing");
  // Of many rows the first.
  const many = await judged("t14.1", []);
  assertEqual(many.reason, "no run of 9 rows: p=0.8, p=0.2, p=0.4 and 6 more");
  const apart = [column("top1", { localmim_90: 80 }), column("top1", { localmim_100: 79 })];
  assertEqual((await judged("t11.6", apart)).reason, "no seed has all rows");
});
