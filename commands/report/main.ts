import { dirname, join, relative, resolve } from "node:path";
import { forbid, parseFlags } from "../../cli/args.ts";
import { readWhole, writeWhole } from "../../cli/files.ts";
import { runMain } from "../../cli/main.ts";
import { UserError } from "../../core/errors.ts";
import { reportFiles } from "../../reports/reportFiles.ts";
import { loadReport } from "../../reports/loadReport.ts";
import type { Report } from "../../reports/model.ts";
import { writeFolder } from "./output.ts";
import { withResults } from "../../reports/render/markdown/readmeSection.ts";
import { canonicalJson } from "../../records/canonical.ts";
import { readResults, type ResultsFolder } from "../../records/folder.ts";
import { writeLedger } from "../../records/ledger.ts";
import { DEFAULT_FOLDER } from "../../records/store.ts";
import { reportSummary } from "./summary.ts";

const flags = {
  results: { type: "string", value: "DIR", help: `folder of the result files (default ${DEFAULT_FOLDER})` },
  out: { type: "string", value: "DIR", help: "folder to write to (default site)" },
  rendered: {
    type: "boolean",
    help: "write what the project keeps: reports/rendered, the ledger of results/, the results in README.md",
  },
  readme: { type: "string", value: "FILE", help: "with --rendered: the README whose results are written anew" },
} as const;

/**
 * Writes the report: every published table, figure and claim beside the author's logs and the records of results/, as a
 * site (index.html), Markdown (README.md) and JSON (claims.json, tables/). Every record is checked first; what
 * fails is named and marked in its cells, and with --rendered nothing is written.
 *
 * @param args the command line
 */
export async function main(args: string[]): Promise<void> {
  const { values } = parseFlags(args, "deno task report [flags]", flags);
  const rendered = values.rendered === true, text = values as Record<string, string | undefined>;
  forbid(!rendered && text.readme !== undefined, "--readme", "a report without --rendered");
  const out = text.out ?? (rendered ? "reports/rendered" : "site"),
    named = typeof values.results === "string" ? values.results : undefined;
  const results = await readResults(named), { records, times } = results;
  if (rendered && results.unusable.length > 0) throw new UserError(...results.unusable.map(({ reason }) => reason));
  const folder = named ?? DEFAULT_FOLDER;
  if (rendered || resolve(folder) !== resolve(DEFAULT_FOLDER)) await enter(folder, results.ledger);
  const report = await loadReport(results);
  const files = reportFiles(report);
  for (const { id, record } of records) files.set(`results/${id}.json`, canonicalJson(record));
  for (const { id, times: measured } of times) files.set(`results/times/${id}.json`, canonicalJson(measured));
  const readme = rendered ? await newReadme(text.readme ?? "README.md", report, out) : undefined;
  const done = await writeFolder(out, files);
  if (readme) await writeWhole(readme.path, readme.text);
  console.log(reportSummary(report, join(out, "index.html"), done));
}

async function newReadme(path: string, report: Report, out: string): Promise<{ path: string; text: string }> {
  const folder = relative(dirname(path), out).replaceAll("\\", "/");
  return { path, text: withResults(new TextDecoder().decode(await readWhole(path)), report, folder) };
}

/** Enters what was found in a folder's ledger, where something is new. */
async function enter(folder: string, { known, now }: ResultsFolder["ledger"]): Promise<void> {
  if (JSON.stringify(known) === JSON.stringify(now)) return;
  try {
    await writeLedger(folder, now);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.error(`warning: ${error.message}; a record that goes missing later will not be noticed`);
  }
}

if (import.meta.main) await runMain(main);
