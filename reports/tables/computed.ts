import { VIT_PRESETS } from "../../core/models/config.ts";
import { encoderSize } from "../../core/models/encoderSize.ts";
import { printedRange } from "../judging/cellVerdict.ts";
import type { ComputedCell } from "../model.ts";
import type { PublishedTable } from "../sources/publishedSchema.ts";

/** Cells whose value our code computes without training anything. */
const computable = [
  { table: "thesis.table02", row: "vit_base", column: "params_millions" },
  { table: "vitfreeze.table1", row: "localmim", column: "params" },
  { table: "vitfreeze.table1", row: "ours", column: "params" },
];

/** The cells of a table that our code computes, each beside the print: the encoder's size in millions of parameters. */
export function computedCells(table: PublishedTable): ComputedCell[] {
  const millions = encoderSize({ ...VIT_PRESETS["vit-b16"], imageSize: 224 }) / 1e6;
  return computable.filter((cell) => cell.table === table.id).map(({ row, column }) => {
    const printed = table.rows.find(({ key }) => key === row)?.values[column];
    const { low, high } = printedRange(Number(printed));
    const verdict = low <= millions && millions < high ? "holds by computation" : "fails by computation";
    return { row, column, value: Number(millions.toFixed(2)), by: "core/models/encoderSize.ts", verdict };
  });
}
