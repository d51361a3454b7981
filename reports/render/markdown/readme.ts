import type { FigureReport, Report } from "../../model.ts";
import { ranAt } from "../comparison.ts";
import { mainFacts, ranText } from "../numbers.ts";
import { answers } from "../answers.ts";
import { countsText, tallyText } from "../counts.ts";
import { contradictions, headlines, tallies } from "../overview.ts";
import { figureName, figureTitle, paperOrder, sources } from "../words.ts";
import { tablePath } from "../paths.ts";
import { answersTable } from "./answers.ts";
import { figureMarkdown } from "./figure.ts";
import { escaped, linked, mdDocument, mdList, mdTable } from "./syntax.ts";

/** The index: headlines, counts, contradictions, what was run, and links to every table and figure. */
export function readmeMarkdown(report: Report): string {
  return mdDocument([
    "# What holds of cheap self-supervised training",
    "Every table, figure and claim of three works beside the author's logs and our own runs. " +
    "`index.html`, which lies beside it in this folder, is the same as pages; [claims.md](claims.md) lists all " +
    "claims.",
    ...answerParts(report),
    "## All claims by outcome",
    `${countsText(report)}. ${tallyText(report)}`,
    mdTable(
      ["", "Outcome", "Claims"],
      tallies(report).flatMap(({ title, counts }) => counts.map(({ state, count }) => [title, state, String(count)])),
    ),
    ...costParts(report),
    ...headlineParts(report),
    ...contradictionParts(report),
    "## What was run",
    runsPart(report),
    "## Tables",
    ...tableParts(report),
    "## Figures",
    ...figureParts(report),
  ]);
}

function answerParts(report: Report): string[] {
  const found = answers(report);
  return found.length === 0 ? [] : ["## In short", answersTable(found)];
}

function costParts({ figures }: Report): string[] {
  const found = figures.filter(isCost);
  return found.length === 0 ? [] : ["## What it costs", ...found.map((figure) => figureMarkdown(figure))];
}

/** A figure of time against accuracy. */
function isCost({ id }: FigureReport): boolean {
  return id.startsWith("pareto");
}

function headlineParts(report: Report): string[] {
  const found = headlines(report);
  if (found.length === 0) return [];
  const rows = found.flatMap(({ question, claims }) =>
    claims.map(({ id, text, published, authors, verdict, reason }) => [
      question,
      `${escaped(text)} (${escaped(id)})`,
      published.outcome,
      authors.outcome,
      `**${verdict}**: ${escaped(reason)}`,
    ])
  );
  return ["## The headline claims", mdTable(["", "Claim", "In print", "Author's logs", "Our verdict"], rows)];
}

function contradictionParts(report: Report): string[] {
  const found = contradictions(report);
  if (found.length === 0) return [];
  const items = found.map(({ id, text, table, published }) => {
    const owner = report.tables.some((other) => other.id === table);
    return `${linked(id, owner ? tablePath(table, "md") : "claims.md")} ${escaped(`${text} ${published.text}`.trim())}`;
  });
  return ["## Where the print contradicts itself", mdList(items)];
}

function runsPart({ scales, warnings }: Report): string {
  if (scales.length + warnings.length === 0) return "Nothing was run.";
  const items = [
    ...scales.map((scale) => `**${escaped(scale.id)}**: ${ranText(scale)} ${escaped(mainFacts(scale))}`),
    ...warnings.map(escaped),
  ];
  return `${mdList(items)}\n\nLengths, engine, machine, code and commands of each scale: [runs.md](runs.md). ` +
    "The SHA-256 of all weights: [weights.md](weights.md).";
}

function tableParts(report: Report): string[] {
  return paperOrder.flatMap((paper) => {
    const tables = report.tables.filter((table) => table.paper === paper);
    const rows = tables.map((
      table,
    ) => [linked(table.number, tablePath(table.id, "md")), escaped(table.title), escaped(ranAt(table))]);
    return rows.length === 0 ? [] : [`### ${escaped(sources[paper])}`, mdTable(["Table", "Content", "Our runs"], rows)];
  });
}

function figureParts({ figures, undrawn }: Report): string[] {
  const drawn = figures.filter((figure) => !isCost(figure));
  const others = undrawn.map(({ id, title, why }) => escaped(`${figureName(id)}, not drawn. ${title}. ${why}`));
  return figures.length + others.length === 0
    ? ["No figure was drawn."]
    : [...drawn.flatMap((figure) => [`### ${escaped(figureTitle(figure))}`, figureMarkdown(figure)]), mdList(others)];
}
