import { isAbsolute, join, relative } from "node:path";
import { parseFlags } from "../cli/args.ts";
import { writeWhole } from "../cli/files.ts";
import { runMain } from "../cli/main.ts";
import { defaultFolder, resultsOf } from "./results/folder.ts";
import { renderTable17 } from "./table17/render.ts";
import { loadTable17 } from "./table17/sources.ts";

const flags = {
  results: { type: "string", value: "DIR", help: `folder of the result files (default ${defaultFolder})` },
  out: { type: "string", value: "DIR", help: "folder to write to", default: "reports/rendered" },
} as const;

/**
 * Renders Table 17 from the results: table17.md and table17.html. Every result is checked first; when one fails, nothing
 * is written.
 *
 * @param args the command line
 */
export async function main(args: string[]): Promise<void> {
  const { values } = parseFlags(args, "deno task report [flags]", flags);
  const out = String(values.out);
  const stored = await resultsOf(typeof values.results === "string" ? values.results : undefined);
  const results = stored.map(({ id, path, result }) => ({ id, href: address(out, path), result }));
  const { markdown, html } = renderTable17(await loadTable17(), results);
  await writeWhole(join(out, "table17.md"), markdown);
  await writeWhole(join(out, "table17.html"), html);
  const runs = stored.length === 1 ? "1 run" : `${stored.length} runs`;
  console.log(`wrote ${join(out, "table17.md")} and ${join(out, "table17.html")} from ${runs}`);
}

/** The address of a file as seen from a folder, with forward slashes. */
function address(from: string, path: string): string {
  const way = relative(from, path);
  return (isAbsolute(way) ? path : way).replaceAll("\\", "/");
}

if (import.meta.main) await runMain(main);
