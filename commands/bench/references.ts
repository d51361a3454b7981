import { UserError } from "../../core/errors.ts";
import { loadAuthorsCells } from "../../reports/sources/authors.ts";
import { loadPublishedWorks, tableOf } from "../../reports/sources/publishedWorks.ts";

const TABLE = "thesis.table11", COLUMN = "total_hours", BASELINE = "localmim_100", FROZEN = "vitfreeze";

/**
 * Percent of pre-training time that ViTFreeze saves: as printed (thesis, Table 11), and in the author's logs.
 *
 * @throws {UserError} when the data of the report do not hold it
 */
export async function referenceSavings(): Promise<{ published: number; authors: number }> {
  const { rows } = tableOf(await loadPublishedWorks(), TABLE), logged = await loadAuthorsCells();
  const printed = (row: string) => rows.find(({ key }) => key === row)?.values[COLUMN];
  const log = (row: string) =>
    logged.find((cell) => cell.table === TABLE && cell.row === row && cell.column === COLUMN)?.value;
  return { published: saved(printed(BASELINE), printed(FROZEN)), authors: saved(log(BASELINE), log(FROZEN)) };
}

function saved(baseline: unknown, frozen: unknown): number {
  if (typeof baseline === "number" && typeof frozen === "number") return 100 * (1 - frozen / baseline);
  throw new UserError(`Cannot read the saving of ${TABLE}: found ${baseline} and ${frozen} hours, want two numbers`);
}
