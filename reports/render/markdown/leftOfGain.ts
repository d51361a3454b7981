import { estimated, listed } from "../../format.ts";
import type { ScaleReport } from "../../model.ts";
import { type Difference, isClear } from "../differences.ts";
import { escaped } from "./syntax.ts";

/**
 * What of a row's difference from its baseline is left beside controls: sentences for each row that is held against several by
 * three seeds or more. The first of its pairs is that with the baseline, the others are with controls, which have a part of what the
 * row has.
 *
 * @param column in which they are read
 * @returns nothing where no row has a control
 */
export function leftOfGain(
  differences: Difference[],
  { key, label, decimals }: ScaleReport["columns"][number],
): string {
  const decided = differences.filter(({ byColumn }) => (byColumn.get(key)?.half ?? null) !== null);
  const rows = [...Map.groupBy(decided, ({ row }) => row.key).values()].filter((pairs) => pairs.length > 1);
  return rows.map((pairs) => {
    const [gain, ...left] = pairs.map(({ against, byColumn }) => {
      const difference = byColumn.get(key)!;
      return {
        clear: isClear(difference),
        text: `${estimated(difference, decimals, true)} beside ${escaped(against.label)}`,
      };
    });
    const some = (clear: boolean) => left.filter((one) => one.clear === clear).map(({ text }) => text);
    const [shown, open] = [some(true), some(false)];
    return [
      `${escaped(pairs[0].row.label)} is ${gain.text} (${escaped(label)}${gain.clear ? "" : ", undecided"}).`,
      shown.length ? `Beside controls is left: ${listed(shown)}.` : "Beside controls nothing is left that shows.",
      open.length ? `Undecided: ${listed(open)}.` : "",
    ].filter((sentence) => sentence !== "").join(" ");
  }).join(" ");
}
