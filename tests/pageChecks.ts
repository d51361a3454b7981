import type { Report } from "../reports/model.ts";
import { jsonFiles } from "../reports/reportFiles.ts";
import { markdownFiles } from "../reports/render/markdown/markdownFiles.ts";
import { parseHTML } from "linkedom";

/*
 * What is true of every page of a good site, as lists of what is wrong.
 */

const VOID = new Set(["meta", "link", "img", "input", "br"]);

/** Tags of a page that do not close in the order in which they open. */
export function unbalancedTags(page: string): string[] {
  const open: string[] = [], wrong: string[] = [];
  for (const [, slash, name] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)(?:\s[^<>]*)?>/g)) {
    if (VOID.has(name)) continue;
    if (slash === "") open.push(name);
    else if (open.pop() !== name) wrong.push(name);
  }
  return [...wrong, ...open];
}

/** A link of a page: the file that it names and the anchor inside. */
export interface FoundLink {
  from: string;
  /** Path in the folder of the site. */
  file: string;
  anchor: string;
}

/** All links, pictures, scripts and styles of a page, but for its inline icon. */
export function linksOf(path: string, page: string): FoundLink[] {
  const { document } = parseHTML(page);
  const addresses = [...document.querySelectorAll("[href], [src]")]
    .map((element) => element.getAttribute("href") ?? element.getAttribute("src") ?? "");
  return addresses.filter((address) => address !== "data:,").map((address) => {
    const url = new URL(address, `file:///${path}`);
    return { from: path, file: decodeURI(url.pathname.slice(1)).replaceAll("%23", "#"), anchor: url.hash.slice(1) };
  });
}

/**
 * Links that lead nowhere.
 *
 * @param known other files that may be linked
 */
export function brokenLinks(files: Map<string, string>, known: Set<string>): string[] {
  const ids = new Map<string, Set<string>>();
  const idsOf = (file: string) => {
    if (!ids.has(file)) ids.set(file, new Set([...files.get(file)!.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id)));
    return ids.get(file)!;
  };
  return pages(files).flatMap(([path, page]) => linksOf(path, page)).filter(({ file, anchor }) => {
    if (!files.has(file)) return !known.has(file);
    return anchor !== "" && !idsOf(file).has(anchor);
  }).map(({ from, file, anchor }) => `${from} -> ${file}#${anchor}`);
}

/** Pages that no way of links leads to from the front page. */
export function unreachable(files: Map<string, string>): string[] {
  const seen = new Set<string>(["index.html"]), waiting = ["index.html"];
  while (waiting.length > 0) {
    const path = waiting.pop()!;
    if (!path.endsWith(".html")) continue;
    for (const { file } of linksOf(path, files.get(path)!)) {
      if (!files.has(file) || seen.has(file)) continue;
      seen.add(file);
      waiting.push(file);
    }
  }
  return [...files.keys()].filter((path) => !seen.has(path));
}

/** Faults of structure: what a reader who listens, or moves by keys, would miss. */
export function structureFaults(page: string): string[] {
  const { document } = parseHTML(page);
  const all = (selector: string) => [...document.querySelectorAll(selector)];
  const levels = all("h1, h2, h3, h4, h5, h6").map(({ tagName }) => Number(tagName[1]));
  const ids = all("[id]").map(({ id }) => id);
  const faults = {
    "not one h1": all("h1").length !== 1,
    "no language": document.documentElement.getAttribute("lang") !== "en",
    "landmarks": all("header, main, footer").length !== 3 || all("nav[aria-label]").length === 0,
    "no skip link": document.querySelector("a.skip")?.getAttribute("href") !== "#main",
    "a heading skips a level": levels.some((level, k) => level > (levels[k - 1] ?? 0) + 1),
    "a table without caption": all("table").some((table) => table.querySelector("caption") === null),
    "a head without scope": all("th").some((head) => !head.hasAttribute("scope")),
    "a picture without words": all("img").some((image) => !image.getAttribute("alt")),
    "an id twice": new Set(ids).size !== ids.length,
    "a field without label": all("input, select").some(({ id }) =>
      document.querySelector(`label[for="${id}"]`) === null
    ),
    "ragged rows": all("table").some((table) =>
      new Set([...table.querySelectorAll("tbody tr")].map((row) => row.children.length)).size > 1
    ),
  };
  return Object.entries(faults).filter(([, found]) => found).map(([name]) => name);
}

/** The pages of a site. */
export function pages(files: Map<string, string>): [string, string][] {
  return [...files].filter(([path]) => path.endsWith(".html"));
}

/** The files beside the site that its pages link to: results, JSON and Markdown. */
export function filesBeside(report: Report): Set<string> {
  const cells = report.tables.flatMap(({ scales }) =>
    scales.flatMap(({ rows }) => rows.flatMap(({ records }) => records))
  );
  const all = report.scales.flatMap(({ records }) => records.flatMap(({ links }) => links));
  const results = [...cells, ...all].filter(({ lost }) => lost === null).map(({ href }) => href);
  return new Set([...results, ...jsonFiles(report).keys(), ...markdownFiles(report).keys()]);
}
