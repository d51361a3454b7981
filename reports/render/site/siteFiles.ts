import type { Report } from "../../model.ts";
import { csvPath, svgPath } from "../paths.ts";
import { script, style } from "./assets.ts";
import { claimsPage } from "./claimsPage.ts";
import { figuresPage } from "./figuresPage.ts";
import { indexPage } from "./indexPage.ts";
import { pageText } from "./page.ts";
import { runsPage } from "./runsPage.ts";
import { tablePage } from "./tablePage.ts";

/**
 * The report as a site that needs no network, no server and no script: path in its folder -> text. The same report gives
 * the same bytes.
 *
 * Its pages link to the JSON and the Markdown of the same report, which lie in the same folder, and to result files as the
 * report gives their paths: relative to the folder.
 */
export function siteFiles(report: Report): Map<string, string> {
  const pages = [
    indexPage(report),
    ...report.tables.map((table) => tablePage(report, table)),
    claimsPage(report),
    figuresPage(report),
    runsPage(report),
  ];
  return new Map([
    ...pages.map((page): [string, string] => [page.path, pageText(page)]),
    ...report.figures.flatMap(({ id, svg, wide, narrow }): [string, string][] => [
      [svgPath(id), svg],
      [svgPath(id, "wide"), wide],
      [svgPath(id, "narrow"), narrow],
    ]),
    ...report.figures.map(({ id, csv }): [string, string] => [csvPath(id), csv]),
    ["style.css", style],
    ["site.js", script],
  ]);
}
