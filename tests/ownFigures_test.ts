import { drawFigures } from "../reports/figures/figures.ts";
import type { FigureReport } from "../reports/model.ts";
import { table20 } from "../experiments/thesis/table20.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { withRecords } from "./figuresInput.ts";
import { type MadeUp, madeUpRecords } from "./madeUpRecords.ts";
import { placedTexts } from "./svgText.ts";
import { drawn, figure, input, lines, withRuns } from "./figuresTools.ts";

Deno.test("drawFigures() leaves out figures of our runs where there are none", () => {
  const own = withRuns.filter(({ id }) => !drawn.some((one) => one.id === id)).map(({ id }) => id);
  assertTrue(own.length >= 2 && own.every((id) => id === "pareto-ours" || id.startsWith("curves-")), own.join(", "));
});

Deno.test("drawFigures() draws runs of one row, without fine-tuning and of several scales", () => {
  const drawnOf = (...made: MadeUp[]) => drawFigures(withRecords(input, made.flatMap(madeUpRecords)));
  const single = drawnOf({ rows: ["vitfreeze"] });
  assertTrue(figure("pareto-ours", single).caption.includes("ci: no run of LocalMIM-HOG to compare with."), "caption");
  assertEqual(lines(figure("curves-ci", single).csv).length, 5);
  const baseline = drawnOf({ rows: ["localmim"] });
  assertTrue(figure("pareto-ours", baseline).caption.endsWith("ci: only LocalMIM-HOG was run."), "caption");
  const several = drawnOf(
    { rows: ["localmim"], seeds: [0, 1], numbers: (_, seed) => ({ top1: 50 + seed }) },
    { rows: ["localmim"], profile: "laptop", numbers: () => ({ seconds: 1e4 }) },
  );
  assertEqual(several.filter(({ id }) => id.startsWith("curves-")).map(({ id }) => id), ["curves-laptop", "curves-ci"]);
  const scalesIn = (
    all: FigureReport[],
  ) => [...new Set(lines(figure("pareto-ours", all).csv).map(({ scale }) => scale))];
  const beside = drawnOf({ rows: ["localmim", "vitfreeze"] }, { rows: ["localmim"], profile: "laptop" });
  assertEqual([scalesIn(beside), scalesIn(several)], [["ci"], ["laptop", "ci"]], "a row alone");
  const pretrained = madeUpRecords({ rows: ["vitfreeze"] }).slice(0, 1);
  const without = drawFigures(withRecords(input, pretrained)).map(({ id }) => id);
  assertEqual(["pareto-ours", "curves-ci"].map((id) => without.includes(id)), [false, true]);
  for (const { svg } of [...single, ...baseline, ...several]) assertTrue(!/NaN|undefined|Infinity/.test(svg), "NaN");
});

Deno.test("drawFigures() sets controls beside the printed rows: marks with intervals, from scratch as lines", () => {
  const rows = ["localmim", "vitfreeze", "vitfreeze_live", "localmim_stopped", "scratch"];
  const numbers = (row: string, seed: number) => ({
    top1: 60 - rows.indexOf(row) + seed / 2,
    seconds: 20 - rows.indexOf(row),
  });
  const ours = drawFigures(withRecords(input, madeUpRecords({ rows, seeds: [0, 1, 2], numbers })));
  const { csv, svg, title, reading, caption } = figure("pareto-ours", ours);
  assertEqual(lines(csv).filter(({ seed }) => seed === "2").map(({ row, top1 }) => [row, top1]), [
    ["localmim", "61"],
    ["vitfreeze", "60"],
    ["vitfreeze_live", "59"],
    ["localmim_stopped", "58"],
    ["scratch", "57"],
  ]);
  assertTrue(lines(csv).filter(({ row }) => row === "scratch").every(({ hours }) => hours === "0"), csv);
  assertTrue(title.endsWith("with freezing pre-training takes 0.95 of the time, top-1 changes by -1.0 points"), title);
  assertTrue(reading.includes("95 % interval"), reading);
  assertTrue(caption.includes("LocalMIM-HOG of 4 epochs takes"), caption);
  assertTrue(/from scratch, 2 epochs/.test(svg) && /stroke-dasharray="6 4"/.test(svg), "a line");
});

Deno.test("drawFigures() draws our runs of Table 20 beside the printed ones, means only of whole data sets", () => {
  const numbers = (row: string) => ({ top1: 30 + row.length });
  const all = madeUpRecords({ experiment: table20, numbers }), ours = "ours (ci)";
  const whole = drawFigures(withRecords(input, all));
  const count = (id: string, from: FigureReport[]) =>
    lines(figure(id, from).csv).filter(({ source }) => source === ours).length;
  const figures = ["4", "5", "6", "7", "8", "9"].map((n) => `thesis-figure0${n}`);
  assertEqual(figures.map((id) => count(id, whole)), [12, 108, 108, 36, 36, 36]);
  const some = Object.keys(table20.runs({ ...table20.recipe.profiles.ci, seed: 0 })).filter((row) =>
    /^in5_|^in100_500_500/.test(row)
  );
  const partly = drawFigures(withRecords(input, madeUpRecords({ experiment: table20, rows: some, numbers })));
  assertEqual(figures.map((id) => count(id, partly)), [3, 27, 27, 10, 10, 10]);
  for (const { id, svg } of [...whole, ...partly]) {
    assertTrue(!/NaN|undefined|Infinity/.test(svg), id);
    if (!figures.includes(id)) continue;
    const texts = placedTexts(svg);
    texts.forEach((one, k) => {
      const covered = texts.slice(k + 1).find((other) =>
        Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1 &&
        Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 1
      );
      assertEqual(covered, undefined, `${id}: '${one.text}' and '${covered?.text}' overlap`);
    });
  }
});
