import { datasetSizeFigure } from "../reports/figures/datasetSize.ts";
import { heatMapFigure } from "../reports/figures/heatMap.ts";
import { meansByClasses, meansByLength, publishedStudy, ratios } from "../reports/figures/study.ts";
import { trainingLengthFigure } from "../reports/figures/trainingLength.ts";
import { assertAlmostEqual, assertEqual, assertTrue } from "./assert.ts";
import { computed, figure, input, lines } from "./figuresTools.ts";

const study = publishedStudy(input.tables.get("thesis.table20")!);
/** Keys of the set-ups by the names that the published data gives them. */
const setups: Record<string, string> = {
  "t0=0.8": "acc_t08",
  "t0=0.8 with SR-LR 0.8": "acc_t08_srlr",
  "t0=1.0 (no freezing)": "acc_t10",
};

Deno.test("meansByClasses() gives the means of figure 4", () => {
  const means = meansByClasses(study);
  assertEqual([means.length, means.every(({ n }) => n === 9)], [12, true]);
  for (const row of computed("thesis.figure04")) {
    for (const setup of Object.values(setups)) {
      const mean = means.find((one) => one.setup === setup && one.classes === row.classes)!;
      assertAlmostEqual(mean.top1, Number(row[setup]), 0.00051, `${setup}, ${row.classes} classes`);
    }
  }
});

for (const [id, length] of [["thesis.figure05", "fine"], ["thesis.figure06", "pre"]] as const) {
  Deno.test(`meansByLength() gives the means of ${id}`, () => {
    assertEqual(computed(id).length, 12);
    for (const row of computed(id)) {
      const means = meansByLength(study, String(row.dataset), length).filter(({ setup }) =>
        setup === setups[String(row.setup)]
      );
      const wanted = (row.mean_over_pretraining ?? row.mean_over_finetuning) as number[];
      assertEqual(means.map(({ epochs }) => epochs).reverse(), row[`${length}_epochs`] as number[]);
      // Three printed decimals.
      means.reverse().forEach(({ top1 }, k) =>
        assertAlmostEqual(top1, wanted[k], 0.00051, `${row.dataset} ${row.setup}`)
      );
    }
  });
}

for (const id of ["thesis.figure07", "thesis.figure08", "thesis.figure09"]) {
  Deno.test(`drawFigures() gives the ratios of ${id}`, () => {
    const cells = lines(figure(id.replace(".", "-")).csv);
    assertEqual(cells.length, 36);
    for (const { dataset, pre_epochs, fine_epochs, ratio } of computed(id)) {
      (fine_epochs as number[]).forEach((fine, k) => {
        const cell = cells.find((one) =>
          one.dataset === dataset && Number(one.pre_epochs) === pre_epochs && Number(one.fine_epochs) === fine
        )!;
        // Four printed decimals.
        assertAlmostEqual(Number(cell.ratio), (ratio as number[])[k], 0.000051, `${dataset} ${pre_epochs} ${fine}`);
      });
    }
  });
}

Deno.test("figures of Table 20 take a second study, with markers, lines in cells and rows of their own", () => {
  const ours = { ...study, label: "ours", cells: study.cells.map((cell) => ({ ...cell, top1: cell.top1 / 2 })) };
  const of = (id: string) => input.figures.get(id)!;
  const size = datasetSizeFigure(of("thesis.figure04"), [study, ours]);
  assertEqual(lines(size.csv).filter(({ source }) => source === "ours").length, 12);
  assertTrue(size.svg.includes(">ours<") && !figure("thesis-figure04").svg.includes(">ours<"), "no legend for ours");
  const length = trainingLengthFigure(of("thesis.figure05"), [study, ours], "fine");
  assertEqual(lines(length.csv).length, 2 * 108);
  const heat = heatMapFigure(of("thesis.figure07"), [study, ours]);
  // Halves have the same ratios, so every cell says it twice.
  assertEqual(heat.svg.match(/▲ 1\.108/g)?.length, 2);
  assertEqual(figure("thesis-figure07").svg.match(/▲ 1\.108/g)?.length, 1);
  assertEqual(ratios(ours, "acc_t08", "acc_t10").length, 36);
});
