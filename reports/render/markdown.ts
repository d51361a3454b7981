import type { BlockView, Cell, ReportView } from "./view.ts";

/** The report as GitHub-flavoured Markdown; the same view gives the same bytes. */
export function markdown(view: ReportView): string {
  const parts = [`# ${escape(view.title)}`, ...view.lead.map(escape), ...view.blocks.flatMap(blockParts)];
  return `${parts.join("\n\n")}\n`;
}

function blockParts(block: BlockView): string[] {
  const heads = block.groups.flatMap(({ label, columns }) => columns.map((column) => `${label}: ${column}`));
  const verdictRows = block.verdicts.map((found) => [
    found.id,
    `${found.claim} (${found.where})`,
    `**${found.verdict}**`,
    found.published,
    found.authors,
    found.ours,
    found.reason,
  ]);
  return [
    `## ${escape(block.title)}`,
    block.facts.map((fact) => `- ${escape(fact)}`).join("\n"),
    table(["", ...heads], block.rows.map(({ label, cells }) => [label, ...cells])),
    "### Claims",
    table(
      ["", "Claim", "Verdict", "On the published numbers", "On the author's logs", "On our runs", "Why"],
      verdictRows,
    ),
  ];
}

function table(heads: string[], rows: Cell[][]): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...rows.map((cells) => line(cells.map(cellText)))].join("\n");
}

function cellText(cell: Cell): string {
  if (typeof cell === "string") return cell === "" ? "-" : escape(cell);
  return cell.map(({ before, text, href }) => `${before} [${text}](${encodeURI(href)})`).join(", ");
}

function escape(text: string): string {
  return text.replace(/[|\\<]/g, (sign) => `\\${sign}`);
}
