import type { PublishedFigure, PublishedTable } from "../publishedSchema.ts";
import { isFigure, isTable, type PublishedWorks } from "../publishedWorks.ts";
import { paperOf } from "../workIds.ts";
import type { Group, Shape } from "./shape.ts";

/*
 * What the expressions of claims see: `rows` of their own table, and every published table and figure under its paper, as
 * in `thesis.table11.rows.localmim_100.top1`; a figure has the `numbers` that can be read from the paper's text.
 */

/** A row's values as an expression sees them. */
export type RowValues = Record<string, unknown>;

/** The names that expressions may use. @param own id of the table that `rows` stands for; "" for none */
export function worldShape(works: PublishedWorks, own: string): Group {
  const shapes = [...works.values()].flatMap((work): [string, Group][] => {
    if (isTable(work)) return [[work.id, group("member", work.id, { rows: rowsShape(work) })]];
    return isFigure(work) ? [[work.id, group("member", work.id, { numbers: numbersShape(work) })]] : [];
  });
  const papers = Object.fromEntries(
    [...Map.groupBy(shapes, ([id]) => paperOf(id))].map(([paper, members]) => [
      paper,
      group("table or figure", paper, Object.fromEntries(members.map(([id, shape]) => [nameOf(id), shape]))),
    ]),
  );
  const table = works.get(own);
  return group("name", "what was published", table && isTable(table) ? { rows: rowsShape(table), ...papers } : papers);
}

/**
 * The values behind the names of `worldShape`.
 *
 * @param values a row's values; those as printed unless given
 */
export function worldData(
  works: PublishedWorks,
  own: string,
  values: (table: PublishedTable, row: PublishedTable["rows"][number]) => RowValues = (_, row) => row.values,
): Record<string, unknown> {
  const data: Record<string, Record<string, unknown>> = {};
  for (const work of works.values()) {
    const content = isTable(work)
      ? { rows: rowsData(work) }
      : isFigure(work)
      ? { numbers: numbersOf(work) }
      : undefined;
    if (content) data[paperOf(work.id)] = { ...data[paperOf(work.id)], [nameOf(work.id)]: content };
  }
  const table = works.get(own);
  return table && isTable(table) ? { rows: rowsData(table), ...data } : data;

  function rowsData(table: PublishedTable) {
    return Object.fromEntries(table.rows.map((row) => [row.key, values(table, row)]));
  }
}

function rowsShape(table: PublishedTable): Group {
  const row = group("column", table.id, Object.fromEntries(table.columns.map(({ key }) => [key, "value"])));
  return { ...group("row", table.id, Object.fromEntries(table.rows.map(({ key }) => [key, row]))), each: row };
}

function numbersShape(figure: PublishedFigure): Group {
  const names = Object.keys(numbersOf(figure));
  return group("number", figure.id, Object.fromEntries(names.map((name) => [name, "value"])));
}

/** The single numbers that the text gives for a figure, by what they are. */
function numbersOf(figure: PublishedFigure): Record<string, number> {
  return Object.fromEntries(
    (figure.numbers_readable ?? []).flatMap(({ what, value }) => typeof value === "number" ? [[what, value]] : []),
  );
}

function group(noun: string, of: string, members: Record<string, Shape>): Group {
  return { noun, of, members: new Map(Object.entries(members)) };
}

function nameOf(id: string): string {
  return id.split(".")[1];
}
