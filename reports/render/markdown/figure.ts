import type { FigureReport } from "../../model.ts";
import { csvPath, svgPath } from "../paths.ts";
import { figureTitle } from "../words.ts";
import { escaped, linked } from "./syntax.ts";

/**
 * A figure with its caption and a link to its data.
 *
 * @param root what leads from the document to the report's folder: "" or "../"
 */
export function figureMarkdown(figure: FigureReport, root: "" | "../" = ""): string {
  const { id, caption } = figure;
  return `${figureImage(figure, root)}\n\n${escaped(caption)} ${linked("Data", `${root}${csvPath(id)}`)}`;
}

/**
 * A figure's drawing; its title, which says what is seen, stands for it where it is not shown.
 *
 * @param root what leads from the document to the report's folder, with a slash at its end where it is not empty
 */
export function figureImage(figure: FigureReport, root: string): string {
  return `![${escaped(figureTitle(figure))}](${root}${svgPath(figure.id)})`;
}
