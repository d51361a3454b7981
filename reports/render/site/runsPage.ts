import type { Report, ScaleSummary, TableReport } from "../../model.ts";
import { ranText } from "../numbers.ts";
import { RUNS_INTRODUCTION, tableName } from "../words.ts";
import { tablePath } from "../paths.ts";
import { scaleAnchor } from "./addresses.ts";
import { dataTable } from "./dataTable.ts";
import { joined, type Markup, markup } from "./markup.ts";
import type { Page } from "./page.ts";
import { recordLinks } from "./scaleSection.ts";

/** The page of what was run: every scale with its facts and its result files. */
export function runsPage(report: Report): Page {
  const scales = report.scales.length === 0
    ? markup`<p>Nothing was run.</p>
`
    : report.scales.map((scale) => scaleMarkup(report, scale));
  const main = markup`<h1>Runs</h1>
<p>${RUNS_INTRODUCTION} Each phase of a run is one result file, named by the hash of its content.</p>
${scales}${warningList(report)}`;
  return { path: "runs.html", title: "Runs", main };
}

function scaleMarkup(report: Report, scale: ScaleSummary): Markup {
  const facts = scale.facts.map((fact) =>
    markup`<li>${fact}</li>
`
  );
  const tables = report.tables.filter(({ scales }) => scales.some(({ id }) => id === scale.id));
  return markup`<section id="${scaleAnchor(scale.id)}">
<h2>Scale ${scale.id}</h2>
<p>${scale.settings}: ${ranText(scale)}</p>
<ul class="facts">
${facts}</ul>
${
    tables.length === 0
      ? null
      : markup`<p>Shown in ${joined(tables.map((table) => tableLink(table, scale.id)), ", ")}.</p>
`
  }${recordsTable(scale)}</section>
`;
}

function warningList({ warnings }: Report): Markup | null {
  if (warnings.length === 0) return null;
  const items = warnings.map((warning) =>
    markup`<li>${warning}</li>
`
  );
  return markup`<h2 id="not-used">Not used</h2>
<ul class="facts">
${items}</ul>
`;
}

function tableLink(table: TableReport, scale: string): Markup {
  return markup`<a href="${tablePath(table.id, "html")}#${scaleAnchor(scale)}">${tableName(table)}</a>`;
}

/** The records of a scale by run. */
function recordsTable({ id, records }: ScaleSummary): Markup | null {
  if (records.length === 0) return null;
  return dataTable({
    id: `records-${scaleAnchor(id)}`,
    caption: `Result files of scale ${id}, each with the first run that needs it`,
    corner: "Run",
    columns: [{ head: "seeds", numeric: true }, { head: "files", numeric: false }],
    rows: records.map(({ label, links }) => {
      const seeds = [...Map.groupBy(links, ({ seed }) => seed).values()];
      const content = joined(seeds.map((own) => recordLinks(own, "")), markup`<br>`);
      return { head: label, cells: [{ content: seeds.length }, { content }] };
    }),
  });
}
