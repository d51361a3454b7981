import { LOCALMIM_VIT_B } from "../core/methods/localmim/config.ts";
import type { FigureInput } from "../reports/figures/figures.ts";
import { loadAuthorsCells, loadAuthorsRuns } from "../reports/sources/authors.ts";
import { loadClaimSources } from "../reports/sources/claimSets.ts";
import { loadPublished } from "../reports/sources/published.ts";
import type { PublishedFigure, PublishedTable } from "../reports/sources/publishedSchema.ts";
import type { LinkedRecord } from "../reports/scales/linked.ts";
import { scalesOf } from "../reports/scales/scale.ts";
import { filledTable } from "../reports/tables/fills.ts";
import { measuredAt } from "../reports/tables/measured.ts";

/** All that figures are drawn from, without records: the published data and the author's logs. */
export async function figureInput(): Promise<FigureInput> {
  const tables = new Map<string, PublishedTable>(), figures = new Map<string, PublishedFigure>();
  for (const paper of ["thesis", "vitfreeze", "dmjd"]) {
    const names = [...Deno.readDirSync(`reports/published/${paper}`)].map(({ name }) => name.replace(".yaml", ""));
    for (const name of names.sort()) {
      const published = await loadPublished(`${paper}.${name}`);
      if ("rows" in published) tables.set(published.id, published);
      else if (!("checks" in published)) figures.set(published.id, published);
    }
  }
  const authors = await loadAuthorsRuns();
  return {
    tables,
    figures,
    authors,
    authorsCells: await loadAuthorsCells(authors),
    measured: [],
    seedBand: (await loadClaimSources()).seedBand,
    model: LOCALMIM_VIT_B,
  };
}

/** The same with what some records measured of the tables. */
export function withRecords(input: FigureInput, records: LinkedRecord[]): FigureInput {
  const { scales } = scalesOf(records, []);
  const measured = [...input.tables.values()].flatMap((table) => {
    const filled = filledTable(table);
    return filled ? measuredAt(scales, filled) : [];
  });
  return { ...input, measured };
}
