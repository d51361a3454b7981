import type { Report, RunLink, ScaleSummary, TableReport } from "../../model.ts";
import { hoursText } from "../numbers.ts";
import { counted } from "../../format.ts";
import { tableName } from "../words.ts";
import { tablePath } from "../paths.ts";
import { scaleAnchor } from "./addresses.ts";
import { dataTable, emptyCell } from "./dataTable.ts";
import { joined, type Markup, markup } from "./markup.ts";
import type { Page } from "./page.ts";
import { runLink } from "./scaleSection.ts";

/** The page of what was run: every scale with its facts and its result files. */
export function runsPage(report: Report): Page {
  const scales = report.scales.length === 0
    ? markup`<p>Nothing was run.</p>
`
    : report.scales.map((scale) => scaleMarkup(report, scale));
  const main = markup`<h1>Runs</h1>
<p>Runs of one scale share model, data, lengths, code, engine and machine, so that they may be compared with one another. Each
run is one result file, named by the hash of its content.</p>
${scales}`;
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
<p>${summaryText(scale)}</p>
<ul class="facts">
${facts}</ul>
${
    tables.length === 0
      ? null
      : markup`<p>Shown in ${joined(tables.map((table) => tableLink(table, scale.id)), ", ")}.</p>
`
  }${runsTable(tables, scale)}</section>
`;
}

function summaryText({ runs, experiment, profile, hours }: ScaleSummary): string {
  if (runs === 0) return `No run of profile ${profile} is left: their result files are missing.`;
  const what = `${counted(runs, "run")} of experiment ${experiment}, profile ${profile}`;
  return `${what}, ${hoursText(hours)} of computation in all.`;
}

function tableLink(table: TableReport, scale: string): Markup {
  return markup`<a href="${tablePath(table.id, "html")}#${scaleAnchor(scale)}">${tableName(table)}</a>`;
}

/** The runs of a scale by row of the first table that shows them. */
function runsTable(tables: TableReport[], { id }: ScaleSummary): Markup | null {
  const rows = new Map<string, RunLink[]>();
  const seen = new Set<string>();
  for (const table of tables) {
    for (const row of table.scales.find((scale) => scale.id === id)?.rows ?? []) {
      const fresh = row.runs.filter((run) => !seen.has(run.id));
      fresh.forEach((run) => seen.add(run.id));
      const label = table.rows.find(({ key }) => key === row.key)?.label ?? row.key;
      if (fresh.length > 0) rows.set(label, [...rows.get(label) ?? [], ...fresh]);
    }
  }
  if (rows.size === 0) return null;
  return dataTable({
    id: `runs-${scaleAnchor(id)}`,
    caption: `Result files of scale ${id}`,
    corner: "Row",
    columns: [{ head: "seeds", numeric: true }, { head: "files", numeric: false }],
    rows: [...rows].map(([label, runs]) => ({
      head: label,
      cells: [
        { content: new Set(runs.map(({ seed }) => seed)).size },
        runs.length === 0 ? emptyCell("none") : { content: joined(runs.map((run) => runLink(run, "")), markup`<br>`) },
      ],
    })),
  });
}
