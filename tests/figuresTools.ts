import { drawFigures } from "../reports/figures/figures.ts";
import type { FigureReport } from "../reports/model.ts";
import { assertTrue } from "./assert.ts";
import { figureInput, withRecords } from "./figuresInput.ts";
import { madeUpRecords } from "./madeUpRecords.ts";

export const input = await figureInput();
export const drawn = drawFigures(input);
const ROWS = ["localmim", "vitfreeze", "vitfreeze_unscaled", "vitfreeze_srlr"];
export const records = madeUpRecords({
  profile: "laptop",
  numbers: (row) => ({ top1: 70 - 3 * ROWS.indexOf(row), seconds: 20 - 2 * ROWS.indexOf(row) }),
});
export const withRuns = drawFigures(withRecords(input, records));

export function figure(id: string, from = drawn): FigureReport {
  const found = from.find((one) => one.id === id);
  assertTrue(found !== undefined, `no figure ${id}`);
  return found!;
}

/** The lines of a figure's CSV as objects; none of the cells used here holds a comma. */
export function lines(csv: string): Record<string, string>[] {
  const [head, ...rows] = csv.trimEnd().split("\n").map((line) => line.split(","));
  return rows.map((row) => Object.fromEntries(row.map((cell, k) => [head[k], cell])));
}

/** Rows that the published data computes from a table or formula without printing them. */
export function computed(id: string): Record<string, unknown>[] {
  return input.figures.get(id)!.computed_not_published!;
}
