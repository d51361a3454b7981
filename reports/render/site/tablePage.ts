import type { Report, TableReport } from "../../model.ts";
import { claimKinds } from "../counts.ts";
import { sources, spaced, tableName, tableTitle } from "../words.ts";
import { tablePath } from "../paths.ts";
import { claimAnchor, claimPaths, rowAnchor } from "./addresses.ts";
import { claimMarkup } from "./claim.ts";
import { figureMarkup } from "./figure.ts";
import { type Markup, markup, unbroken } from "./markup.ts";
import { type Linker, linker } from "./mentions.ts";
import type { Page } from "./page.ts";
import { printedTable } from "./printedTable.ts";
import { scaleSection } from "./scaleSection.ts";

/** The page of one table: the print, the logs, our runs, the claims, and what is doubtful. */
export function tablePage(report: Report, table: TableReport): Page {
  const main = markup`<h1>${unbroken(tableTitle(table))}</h1>
${facts(table)}<p class="files"><a href="../${tablePath(table.id, "json")}">This table as JSON</a>
<a href="../${tablePath(table.id, "md")}">as Markdown</a></p>
<h2 id="as-printed">Printed values</h2>
${printedTable(table)}${ourRuns(table)}${figures(report, table)}${doubts(table)}${claims(report, table)}${
    neighbours(report, table)
  }`;
  return { path: tablePath(table.id, "html"), title: tableTitle(table), main };
}

/** Links the rows of a table, where a label names one row only, and all claims. */
export function tableLinker(report: Report, table: TableReport | undefined, root: "" | "../", page = ""): Linker {
  const labels = Map.groupBy(table?.rows ?? [], ({ label }) => label);
  const rows = [...labels].filter(([label, rows]) => rows.length === 1 && label.length > 3)
    .map(([label, [{ key }]]): [string, string] => [label, `${page}#${rowAnchor(key)}`]);
  const claims = [...claimPaths(report)].map(([id, path]): [string, string] => [id, root + path]);
  return linker(new Map([...claims, ...rows]));
}

function facts(table: TableReport): Markup {
  const entries: [string, string][] = [
    ["Printed in", `${sources[table.paper]}, section ${table.section}`],
    ["Model", table.model],
    ["Data set", table.dataset],
    ...Object.entries(table.recipe).map(([key, value]): [string, string] => [spaced(key), String(value)]),
  ];
  const shown = entries.filter(([, value]) => value !== "").map(([name, value]) =>
    markup`<div><dt>${name}</dt><dd>${value}</dd></div>
`
  );
  return markup`<dl class="facts">
${shown}</dl>
`;
}

function ourRuns(table: TableReport): Markup {
  const none = table.kind === "definition"
    ? "The table defines something: there is nothing to run."
    : "Nothing of this table was run: every cell is not run.";
  const sections = table.scales.length === 0
    ? markup`<p>${none}</p>
`
    : table.scales.map((scale) => scaleSection(table, scale));
  return markup`<h2 id="our-runs">Our runs</h2>
${sections}`;
}

function figures({ figures }: Report, { id }: TableReport): Markup | null {
  const own = figures.filter(({ tables }) => tables.includes(id));
  return own.length === 0 ? null : markup`<h2 id="figures">Figures</h2>
${own.map((figure) => figureMarkup(figure, 3, "../"))}`;
}

function doubts(table: TableReport): Markup | null {
  if (table.doubts.length === 0) return null;
  const items = table.doubts.map((doubt) =>
    markup`<li>${doubt}</li>
`
  );
  return markup`<h2 id="doubts">What is doubtful about the print</h2>
<ul class="doubts">
${items}</ul>
`;
}

function claims(report: Report, table: TableReport): Markup | null {
  if (table.claims.length === 0) return null;
  const link = tableLinker(report, table, "../"), kinds = claimKinds(report);
  const articles = table.claims.map((claim) => {
    const anchor = claimAnchor(claim.id);
    return claimMarkup(claim, { root: "../", kind: kinds.get(claim)!, link, level: 3, anchor, href: `#${anchor}` });
  });
  const checks = table.claims.every((claim) => kinds.get(claim) === "check");
  return markup`<h2 id="claims">${checks ? "Cross-checks" : "Claims"}</h2>
${articles}`;
}

function neighbours(report: Report, table: TableReport): Markup {
  const at = report.tables.findIndex(({ id }) => id === table.id);
  const step = (other: TableReport | undefined, rel: string, word: string) =>
    other === undefined
      ? null
      : markup`<li><a rel="${rel}" href="../${tablePath(other.id, "html")}">${word}: ${tableName(other)}</a></li>
`;
  return markup`<nav class="steps" aria-label="Neighbouring tables">
<ul>
${step(report.tables[at - 1], "prev", "Previous")}${step(report.tables[at + 1], "next", "Next")}</ul>
</nav>
`;
}
