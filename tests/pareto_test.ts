import fc from "fast-check";
import { type CostPoint, paretoFront, stoppingSentence } from "../reports/figures/pareto.ts";
import { paretoPublishedFigure } from "../reports/figures/paretoPublished.ts";
import { differenceBand, pointBand } from "../reports/figures/seedBand.ts";
import { assertAlmostEqual, assertEqual, assertTrue } from "./assert.ts";
import { figure, input, lines } from "./figuresTools.ts";

Deno.test("drawFigures() names in the title which early stop beats which way of freezing", () => {
  // 83.09 is 0.43 above 82.66, beyond the band of 0.255; 0.15 above 82.94 and 83.17 is 0.07 above 83.10, within it.
  assertEqual(
    figure("pareto-published").title,
    "Stopping LocalMIM at 50 epochs is cheaper and better than ViTFreeze and no worse than ViTFreeze w/o LR scaling; " +
      "at 70 epochs cheaper and no worse than ViTFreeze w/ SR-LR",
  );
  const points = lines(figure("pareto-published").csv);
  assertEqual(points.filter(({ on_front }) => on_front === "yes").map(({ row }) => row), [
    "localmim_50",
    "localmim_70",
    "localmim_90",
  ]);
  assertEqual(points.filter(({ source }) => source === "logged").length, 6);
  const srlr = points.find(({ row }) => row === "vitfreeze_srlr")!;
  assertEqual([srlr.hours, srlr.top1], ["42", "83.1"]);
  const logged = points.find(({ source, row }) => source === "logged" && row === "vitfreeze")!;
  assertEqual([Number(logged.hours).toFixed(2), logged.top1], ["41.64", "82.53"]);
});

Deno.test("paretoPublishedFigure() takes its title from the data", () => {
  const table11 = structuredClone(input.tables.get("thesis.table11")!);
  const table17 = input.tables.get("thesis.table17")!;
  table11.rows.find(({ key }) => key === "localmim_50")!.values.top1 = 82.7;
  const title = (sd: number) => paretoPublishedFigure(table11, table17, [], { ...input.seedBand, sd }).title;
  assertEqual(
    title(0.065),
    "Stopping LocalMIM at 50 epochs is cheaper and no worse than ViTFreeze; " +
      "at 70 epochs cheaper and no worse than ViTFreeze w/o LR scaling and ViTFreeze w/ SR-LR",
  );
  assertEqual(
    title(0.001),
    "Stopping LocalMIM at 50 epochs is cheaper and better than ViTFreeze; " +
      "at 70 epochs cheaper and better than ViTFreeze w/o LR scaling and ViTFreeze w/ SR-LR",
  );
});

Deno.test('stoppingSentence() counts only stops that are cheaper and no worse, and says "better" beyond the band', () => {
  const point = (name: string, freezes: boolean, hours: number, top1: number): CostPoint => ({
    key: name,
    name,
    freezes,
    hours,
    top1,
  });
  const said = (stop: [number, number], frozen: [number, number]) =>
    stoppingSentence([point("5", false, ...stop), point("F", true, ...frozen)], "A", 0.5);
  const none = "No early stop of A is both cheaper and no worse than freezing";
  assertEqual(said([5, 80], [4, 79]), none);
  assertEqual(said([4, 79], [4, 78]), none);
  assertEqual(said([3, 77.9], [4, 78]), none);
  assertEqual(said([3, 78], [4, 78]), "Stopping A at 5 is cheaper and no worse than F");
  assertEqual(said([3, 78.5], [4, 78]), "Stopping A at 5 is cheaper and no worse than F");
  assertEqual(said([3, 78.75], [4, 78]), "Stopping A at 5 is cheaper and better than F");
});

Deno.test("differenceBand() is the 95 % band of the difference of two single runs, pointBand() half of it", () => {
  const { seedBand } = input;
  // Five reruns: 4 degrees of freedom, 2.776445 x 0.065 x the root of 2.
  assertAlmostEqual(differenceBand(seedBand), 0.2552217, 1e-6);
  assertAlmostEqual(pointBand(seedBand), 0.1276109, 1e-6);
});

Deno.test("paretoFront() keeps exactly what nothing else beats", () => {
  const points = fc.array(fc.record({ hours: fc.integer({ min: 1, max: 9 }), top1: fc.integer({ min: 1, max: 9 }) }));
  fc.assert(fc.property(points, (all) => {
    const front = paretoFront(all);
    const beaten = (one: { hours: number; top1: number }) =>
      all.some((other) =>
        other.hours <= one.hours && other.top1 >= one.top1 && (other.hours < one.hours || other.top1 > one.top1)
      );
    for (const one of all) {
      const there = front.some(({ hours, top1 }) => hours === one.hours && top1 === one.top1);
      assertEqual(there, !beaten(one));
    }
    assertTrue(front.every(({ hours }, k) => k === 0 || hours > front[k - 1].hours), "not sorted");
  }));
});
