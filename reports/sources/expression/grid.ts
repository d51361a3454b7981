/**
 * A row of the data-set-size study (thesis Table 20) by its place in the 3 x 3 grid of one data set.
 *
 * @param rows the rows, with their columns dataset, pre_epochs and fine_epochs
 * @param dataset e.g. "IN100"
 * @param pre place among the pre-training lengths, 0 for the longest
 * @param fine place among the fine-tuning lengths, 0 for the longest
 */
export function grid(rows: unknown, dataset: unknown, pre: unknown, fine: unknown): unknown {
  const ofSet = members(rows).filter((row) => row.dataset === dataset);
  const [length, tuned] = [nth(ofSet, "pre_epochs", pre), nth(ofSet, "fine_epochs", fine)];
  const found = ofSet.find((row) => row.pre_epochs === length && row.fine_epochs === tuned);
  if (found) return found;
  throw new Error(`$grid() found no row of data set ${JSON.stringify(dataset)} at place ${pre}, ${fine}`);
}

type Row = Record<string, unknown>;

function members(rows: unknown): Row[] {
  if (typeof rows !== "object" || rows === null) {
    throw new Error(`$grid() was given ${JSON.stringify(rows)}, want rows`);
  }
  return Object.values(rows).filter((row): row is Row => typeof row === "object" && row !== null);
}

function nth(rows: Row[], column: string, place: unknown): number | undefined {
  const lengths = new Set(rows.map((row) => row[column]).filter((length) => typeof length === "number"));
  return [...lengths].sort((a, b) => b - a)[Number(place)];
}
