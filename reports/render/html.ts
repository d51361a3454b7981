import type { BlockView, Cell, ReportView, VerdictView } from "./view.ts";
import { style } from "./style.ts";

/** The report as one HTML page that loads nothing else; the same view gives the same bytes. */
export function html(view: ReportView): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(view.title)}</title>
<style>
${style}</style>
</head>
<body>
<h1>${escape(view.title)}</h1>
${view.lead.map((text) => `<p>${escape(text)}</p>\n`).join("")}${view.blocks.map(blockHtml).join("")}</body>
</html>
`;
}

function blockHtml(block: BlockView): string {
  return `<section>
<h2>${escape(block.title)}</h2>
<ul class="facts">
${block.facts.map((fact) => `<li>${escape(fact)}</li>\n`).join("")}</ul>
${tableHtml(block)}<h3>Claims</h3>
${block.verdicts.map(verdictHtml).join("")}</section>
`;
}

function tableHtml({ groups, rows }: BlockView): string {
  const columns = groups.flatMap(({ label, columns }) =>
    columns.map((column, k) => ({ column, name: `${label}: ${column}`, first: k === 0 }))
  );
  const heads = groups.map(({ label, columns }) =>
    `<th class="first" scope="colgroup" colspan="${columns.length}">${escape(label)}</th>`
  );
  const names = columns.map(({ column, first }) =>
    `<th${kind(first)} scope="col">${escape(column).replaceAll("-", "&#8209;")}</th>`
  );
  const body = rows.map(({ label, cells }) => {
    const tds = cells.map((cell, k) =>
      `<td${kind(columns[k].first, cell === "-")} data-name="${escape(columns[k].name)}">${cellHtml(cell)}</td>`
    );
    return `<tr><th scope="row">${escape(label)}</th>${tds.join("")}</tr>\n`;
  });
  return `<div class="wide">
<table>
<thead>
<tr><td rowspan="2"></td>${heads.join("")}</tr>
<tr>${names.join("")}</tr>
</thead>
<tbody>
${body.join("")}</tbody>
</table>
</div>
`;
}

function kind(first: boolean, empty = false): string {
  const names = [...first ? ["first"] : [], ...empty ? ["empty"] : []];
  return names.length === 0 ? "" : ` class="${names.join(" ")}"`;
}

function cellHtml(cell: Cell): string {
  if (typeof cell === "string") return `<span>${escape(cell).replace("± ", "±&nbsp;")}</span>`;
  const links = cell.map(({ before, text, href }) =>
    `${escape(before)} <a href="${escape(encodeURI(href))}"><code>${escape(text)}</code></a>`
  );
  return `<span>${links.join("<br>")}</span>`;
}

function verdictHtml(found: VerdictView): string {
  const lines = [
    ["Published", found.published],
    ["Author's logs", found.authors],
    ["Ours", found.ours],
    ["Why", found.reason],
  ].filter(([, text]) => text !== "");
  return `<article>
<h4><span class="id">${escape(found.id)}</span> ${escape(found.claim)} <span class="where">${
    escape(found.where)
  }</span></h4>
<p class="verdict ${found.verdict.replaceAll(" ", "-")}">${escape(found.verdict)}</p>
<dl>
${lines.map(([name, text]) => `<dt>${name}</dt><dd>${escape(text)}</dd>\n`).join("")}</dl>
</article>
`;
}

function escape(text: string): string {
  const names: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text.replace(/[&<>"']/g, (sign) => names[sign]);
}
