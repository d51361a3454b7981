import { UserError } from "../../core/errors.ts";
import type { Paper } from "../vocabulary.ts";

const papers: readonly Paper[] = ["thesis", "vitfreeze", "dmjd"];
const roman = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"];

/**
 * The paper of an id such as "thesis.table17".
 *
 * @throws {UserError} when it names no paper that we know
 */
export function paperOf(id: string): Paper {
  const found = papers.find((paper) => id.startsWith(`${paper}.`));
  if (!found) throw new UserError(`Cannot use ${id}: want an id that begins with ${papers.join(", ")}`);
  return found;
}

/** A table's or figure's number as its paper prints it: "Table 17", "Table VI", "Figure 4". */
export function tableNumber(id: string): string {
  const [, kind = "", digits = ""] = id.match(/\.(table|figure)(\d+)$/) ?? [];
  const number = Number(digits);
  const printed = kind === "table" && paperOf(id) === "dmjd" ? roman[number - 1] : String(number);
  return `${kind === "table" ? "Table" : "Figure"} ${printed}`;
}
