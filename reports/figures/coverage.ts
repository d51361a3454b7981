import { canonicalJson } from "../../records/canonical.ts";
import { listed } from "../format.ts";
import type { FigureReport, UndrawnFigure } from "../model.ts";
import type { PublishedFigure } from "../sources/publishedSchema.ts";

/** Ids of the figures with the same content as the given one, itself included: the thesis repeats those of the paper. */
export function twinsOf(figure: PublishedFigure, figures: Iterable<PublishedFigure>): string[] {
  return [...figures].filter((other) => content(other) === content(figure)).map(({ id }) => id).sort();
}

function content({ title, plots }: PublishedFigure): string {
  return canonicalJson({ title, plots: plots ?? null });
}

/**
 * The published figures without numbers that could be drawn, sorted by id, each with the reason. A figure of several
 * panels is listed with the panels that are missing.
 *
 * @param drawn what `drawFigures` gives
 */
export function figuresWithoutNumbers(figures: Iterable<PublishedFigure>, drawn: FigureReport[]): UndrawnFigure[] {
  const all = [...figures].sort((a, b) => a.id < b.id ? -1 : 1);
  return all.flatMap((figure) => {
    const twins = twinsOf(figure, all);
    const own = drawn.filter(({ of }) => twins.includes(of));
    const missing = missingPanels(figure, own);
    return own.length > 0 && missing.length === 0
      ? []
      : [{ id: figure.id, title: figure.title, why: why(figure, missing) }];
  });
}

/** Panels of a partly drawn figure that have no drawing, e.g. "a". */
function missingPanels({ id, panels = [] }: PublishedFigure, own: FigureReport[]): string[] {
  if (own.length === 0) return [];
  return panels.map(({ key }) => key).filter((key) => !own.some((one) => one.id === `${id.replace(".", "-")}${key}`));
}

function why(figure: PublishedFigure, missing: string[]): string {
  const { kind, plots, numbers_readable = [] } = figure;
  if (kind === "schematic" || plots?.type === "diagram") return "It is a diagram and shows no numbers.";
  const where = missing.length === 0 ? "Its values" : `The values of panels ${listed(missing)}`;
  const told = numbers_readable.map(({ what, value }) => `${what} ${[value].flat().join(", ")}`);
  const rest = missing.length === 0 ? "" : " Of the other panels tables give the end points, which are drawn.";
  return `${where} are in the image alone.${rest}${told.length === 0 ? "" : ` The text gives: ${told.join("; ")}.`}`;
}
