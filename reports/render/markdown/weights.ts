import { fixed, grouped } from "../../format.ts";
import type { Report } from "../../model.ts";
import { recordPath } from "../paths.ts";
import { escaped, linked, mdDocument, mdTable } from "./syntax.ts";

/** The weights that our runs have left: what they reach, and the SHA-256 by which a repeated run can be told to be the same. */
export function weightsMarkdown({ scales }: Report): string {
  const parts = scales.filter(({ weights }) => weights.length > 0).flatMap(({ settings, weights }) => [
    `## ${escaped(settings)}`,
    mdTable(
      ["Run", "Phase", "Seed", "Epochs", "Parameters", "Top-1 %", "SHA-256 of the weights", "Record"],
      weights.map(({ label, kind, seed, epochs, params, top1, sha256, id, href }) => [
        escaped(label),
        kind,
        String(seed),
        String(epochs),
        grouped(params),
        top1 === null ? "" : fixed(top1, 2),
        `\`${sha256}\``,
        linked(id.slice(0, 8), recordPath(href)),
      ]),
    ),
  ]);
  return mdDocument([
    "# Weights",
    "Every run leaves its weights in its folder. They are too small to be of use elsewhere and are not published, but the same " +
    "command on a machine of the same kind makes the same bytes: compare the SHA-256. `deno task weights:export` turns them " +
    "into files for timm or the official code.",
    ...(parts.length > 0 ? parts : ["Nothing was run."]),
  ]);
}
