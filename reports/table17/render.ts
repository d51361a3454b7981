import type { LinkedResult } from "../judging/blocks.ts";
import { html } from "../render/html.ts";
import { markdown } from "../render/markdown.ts";
import type { Table17Sources } from "./sources.ts";
import { table17View } from "./view.ts";

/**
 * Renders Table 17 as Markdown and as one self-contained HTML page. The same inputs give the same bytes; the order of
 * the results does not matter.
 *
 * @throws {UserError} when one row of a scale was run with two configurations
 */
export function renderTable17(sources: Table17Sources, results: LinkedResult[]): { markdown: string; html: string } {
  const view = table17View(sources, results);
  return { markdown: markdown(view), html: html(view) };
}
