import type { FigureReport } from "../model.ts";
import { bareSvg, type Body, figureSvg } from "./frame.ts";
import { printedName } from "./names.ts";
import { type Canvas, NARROW, WIDE } from "./theme.ts";

/** A figure before it is drawn. */
export interface FigurePlan extends Omit<FigureReport, "svg" | "wide" | "narrow"> {
  /** What is seen, for those who do not see it; absent: the caption. */
  description?: string;
  /** Legend and plots on a canvas. */
  draw: (canvas: Canvas) => Body;
}

/** Draws a figure: with its headings to stand alone, and without them for a page, on a wide and on a narrow canvas. */
export function figureReport({ draw, description, ...plan }: FigurePlan): FigureReport {
  const { of, title, caption, reading } = plan;
  const words = { title: of === "" ? title : `${printedName(of)}. ${title}`, description: description ?? caption };
  return {
    ...plan,
    svg: figureSvg({ ...words, subtitle: reading === "" ? caption : reading, ...draw(WIDE) }),
    wide: bareSvg(draw(WIDE), WIDE, words),
    narrow: bareSvg(draw(NARROW), NARROW, words),
  };
}
