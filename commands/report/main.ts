import { dirname, join, relative, resolve } from "node:path";
import { forbid, parseFlags } from "../../cli/args.ts";
import { readWhole, writeWhole } from "../../cli/files.ts";
import { runMain } from "../../cli/main.ts";
import { UserError } from "../../core/errors.ts";
import { reportFiles } from "../../reports/reportFiles.ts";
import { loadReport } from "../../reports/loadReport.ts";
import { writeFolder } from "./output.ts";
import { evidenceSection } from "../../reports/render/markdown/evidenceSection.ts";
import { readmeSection } from "../../reports/render/markdown/readmeSection.ts";
import { withSection } from "../../reports/render/markdown/writtenSection.ts";
import { canonicalJson } from "../../records/canonical.ts";
import { readResults, type ResultsFolder } from "../../records/folder.ts";
import { writeLedger } from "../../records/ledger.ts";
import { DEFAULT_FOLDER } from "../../records/store.ts";
import { notUsed, reportSummary } from "./summary.ts";

const flags = {
  results: { type: "string", value: "DIR", path: true, help: `folder of the result files (default ${DEFAULT_FOLDER})` },
  out: { type: "string", value: "DIR", path: true, help: "folder to write to (default site)" },
  rendered: {
    type: "boolean",
    help: "write what the project keeps: reports/rendered, the ledger of results/, the results in README.md",
  },
  readme: {
    type: "string",
    value: "FILE",
    path: true,
    help: "with --rendered: the README whose results are written anew",
  },
  evidence: { type: "string", value: "FILE", path: true, help: "with --rendered: the same of the page of evidence" },
} as const;

/**
 * Writes the report: every published table, figure and claim beside the author's logs and the records of results/, as a
 * site (index.html), Markdown (README.md) and JSON (claims.json, tables/). Every record is checked first; what
 * fails is named and marked in its cells, and with --rendered nothing is written.
 *
 * @param args the command line
 * @returns the exit code: 0 when every record that is known is there and checks, else 1, when the others' report is written
 */
export async function main(args: string[]): Promise<number> {
  const { values } = parseFlags(args, "deno task report [flags]", flags);
  const rendered = values.rendered === true, text = values as Record<string, string | undefined>;
  for (const flag of ["readme", "evidence"]) {
    forbid(!rendered && text[flag] !== undefined, `--${flag}`, "a report without --rendered");
  }
  const out = text.out ?? (rendered ? "reports/rendered" : "site"),
    named = typeof values.results === "string" ? values.results : undefined;
  if (resolve(out) === resolve(named ?? DEFAULT_FOLDER)) {
    throw new UserError(`Cannot write the report to ${out}: the results are there, want another folder in --out`);
  }
  const results = await readResults(named), { records, times } = results;
  if (rendered && results.unusable.length > 0) throw new UserError(...results.unusable.map(({ reason }) => reason));
  const folder = named ?? DEFAULT_FOLDER;
  if (rendered || resolve(folder) !== resolve(DEFAULT_FOLDER)) await enter(folder, results.ledger);
  const report = await loadReport(results);
  const files = reportFiles(report);
  for (const { id, record } of records) files.set(`results/${id}.json`, canonicalJson(record));
  for (const { id, times: measured } of times) files.set(`results/times/${id}.json`, canonicalJson(measured));
  const pages = rendered
    ? [
      await newPage(text.readme ?? "README.md", out, (folder) => readmeSection(report, folder)),
      await newPage(text.evidence ?? "docs/EVIDENCE.md", out, (folder) => evidenceSection(report, folder)),
    ]
    : [];
  const done = await writeFolder(out, files);
  for (const { path, text } of pages) await writeWhole(path, text);
  console.log(reportSummary(report, join(out, "index.html"), done));
  const missed = notUsed(results);
  if (missed !== null) console.error(`error: ${missed}`);
  return missed === null ? 0 : 1;
}

/** A page with its section of results written anew. */
async function newPage(path: string, out: string, section: (folder: string) => string) {
  const folder = relative(dirname(path), out).replaceAll("\\", "/"),
    page = new TextDecoder().decode(await readWhole(path));
  return { path, text: withSection(page, path, section(folder)) };
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
