import { jsonFiles } from "./jsonFiles.ts";
import type { Report } from "./model.ts";
import { markdownFiles } from "./render/markdown/markdownFiles.ts";
import { siteFiles } from "./render/site/siteFiles.ts";

/** All files of a report, by path in its folder: the site, the same in Markdown, and the data as JSON. */
export function reportFiles(report: Report): Map<string, string> {
  return new Map([...siteFiles(report), ...markdownFiles(report), ...jsonFiles(report)]);
}
