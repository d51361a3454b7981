import type { Report } from "../../model.ts";
import { ranText } from "../numbers.ts";
import { RUNS_INTRODUCTION } from "../words.ts";
import { escaped, mdDocument, mdList } from "./syntax.ts";

/** What was run at each scale: model, data, lengths, engine, machine, code, commands; and which records are not used. */
export function runsMarkdown({ scales, warnings }: Report): string {
  const parts = scales.flatMap((scale) => [
    `## ${escaped(scale.settings)}`,
    ranText(scale),
    mdList(scale.facts.map(escaped)),
  ]);
  return mdDocument([
    "# Runs",
    RUNS_INTRODUCTION,
    ...(parts.length > 0 ? parts : ["Nothing was run."]),
    ...(warnings.length > 0 ? ["## Not used", mdList(warnings.map(escaped))] : []),
  ]);
}
