import { listed } from "../format.ts";
import { paperOf, tableNumber } from "../sources/workIds.ts";

const PAPERS = { thesis: "Thesis", vitfreeze: "ViTFreeze paper", dmjd: "DMJD" };

/** A table or figure with its paper: "Thesis Figure 7", "DMJD Table III". */
export function printedName(id: string): string {
  return `${PAPERS[paperOf(id)]} ${tableNumber(id)}`;
}

/** Says where else a figure is printed with the same content; "" where nowhere. */
export function alsoPrintedAs(id: string, twins: string[]): string {
  const others = twins.filter((twin) => twin !== id).map(printedName);
  return others.length === 0 ? "" : `${listed(others)} ${others.length === 1 ? "is" : "are"} the same.`;
}
