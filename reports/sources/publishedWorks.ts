import { fileURLToPath } from "node:url";
import { UserError } from "../../core/errors.ts";
import { loadPublished, type Published } from "./published.ts";
import type { Crosschecks, PublishedFigure, PublishedTable } from "./publishedSchema.ts";

/** Everything published that the papers hold, by id: tables, figures, lists of cross-checks. */
export type PublishedWorks = ReadonlyMap<string, Published>;

const papers = ["thesis", "vitfreeze", "dmjd"];

/** Reads all of reports/published, in the order of papers, tables before figures before cross-checks, by number. */
export async function loadPublishedWorks(): Promise<PublishedWorks> {
  const works = await Promise.all(
    papers.flatMap((paper) => names(paper).map((name) => loadPublished(`${paper}.${name}`))),
  );
  return new Map(works.map((work) => [work.id, work]));
}

function names(paper: string): string[] {
  const folder = fileURLToPath(new URL(`../published/${paper}`, import.meta.url));
  const files = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith(".yaml"));
  return files.map((name) => name.slice(0, -".yaml".length)).sort((a, b) => rank(a) - rank(b));
}

/** Tables first, figures next, by their number; the rest behind them. */
function rank(name: string): number {
  const [, kind, number] = name.match(/^(table|figure)(\d+)$/) ?? [];
  return kind === undefined ? 2000 : (kind === "table" ? 0 : 1000) + Number(number);
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
