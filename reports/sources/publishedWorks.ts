import { UserError } from "../../core/errors.ts";
import { loadPublished, type Published } from "./published.ts";
import type { Crosschecks, PublishedFigure, PublishedTable } from "./publishedSchema.ts";

/** Everything published that the papers hold, by id: tables, figures, lists of cross-checks. */
export type PublishedWorks = ReadonlyMap<string, Published>;

/** How many tables and figures each paper prints, in the order in which they are reported. */
const papers = [
  { paper: "thesis", tables: 20, figures: 9, digits: 2, more: [] },
  { paper: "vitfreeze", tables: 2, figures: 3, digits: 1, more: [] },
  { paper: "dmjd", tables: 7, figures: 7, digits: 1, more: ["crosschecks"] },
];

/**
 * Reads all of reports/published, in the order of papers, tables before figures before cross-checks, by number.
 *
 * @throws {UserError} when a file is missing or does not fit
 */
export async function loadPublishedWorks(): Promise<PublishedWorks> {
  const ids = papers.flatMap(({ paper, tables, figures, digits, more }) => {
    const numbered = (kind: string, count: number) =>
      Array.from({ length: count }, (_, k) => `${kind}${String(k + 1).padStart(digits, "0")}`);
    return [...numbered("table", tables), ...numbered("figure", figures), ...more].map((name) => `${paper}.${name}`);
  });
  const works = await Promise.all(ids.map(loadPublished));
  return new Map(works.map((work) => [work.id, work]));
}

/** Whether a published work is a table. */
export function isTable(work: Published): work is PublishedTable {
  return "rows" in work;
}

/** Whether a published work is a list of cross-checks. */
export function isCrosschecks(work: Published): work is Crosschecks {
  return "checks" in work;
}

/** Whether a published work is a figure. */
export function isFigure(work: Published): work is PublishedFigure {
  return !isTable(work) && !isCrosschecks(work);
}

/**
 * The published table of an id.
 *
 * @throws {UserError} when there is none
 */
export function tableOf(works: PublishedWorks, id: string): PublishedTable {
  const work = works.get(id);
  if (work && isTable(work)) return work;
  throw new UserError(`Cannot use table '${id}': it is not published, want e.g. thesis.table17`);
}
