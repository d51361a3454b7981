import type { ClaimReport, Report, TableReport } from "../../model.ts";
import { ranAt } from "../comparison.ts";
import { paperOrder, papers, sources } from "../words.ts";
import { tablePath } from "../paths.ts";
import { type DataRow, dataTable } from "./dataTable.ts";
import { type Markup, markup } from "./markup.ts";

/** All tables by paper, with the outcomes of their claims and what was run. */
export function tableList(report: Report): Markup {
  const lists = paperOrder.map((paper) => {
    const tables = report.tables.filter((table) => table.paper === paper);
    return tables.length === 0 ? null : dataTable({
      id: `tables-${paper}`,
      caption: sources[paper],
      corner: papers[paper],
      columns: [
        { head: "Content", numeric: false },
        { head: paper === "dmjd" ? "Cross-checks" : "Claims", numeric: true },
        { head: "hold in print", numeric: true },
        { head: "fail in print", numeric: true },
        { head: "Our runs", numeric: false },
      ],
      rows: tables.map(row),
    });
  });
  return markup`${lists}`;
}

function row(table: TableReport): DataRow {
  const outcomes = (wanted: ClaimReport["published"]["outcome"]) =>
    table.claims.filter(({ published }) => published.outcome === wanted).length;
  return {
    head: markup`<a href="${tablePath(table.id, "html")}">${table.number}</a>`,
    cells: [
      { content: table.title, long: true },
      { content: table.claims.length },
      { content: outcomes("holds") },
      { content: outcomes("fails") },
      { content: ranAt(table) },
    ],
  };
}
