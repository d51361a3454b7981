import { parseFlags } from "../../cli/args.ts";
import { shortPath } from "../../cli/files.ts";
import { fromHere } from "../../cli/here.ts";
import { runMain } from "../../cli/main.ts";
import { UserError } from "../../core/errors.ts";
import { printable, printableJson } from "../../core/printable.ts";
import { examine } from "../../reports/logs/examine.ts";
import { logJson } from "../../reports/logs/json.ts";
import { readLog } from "../../reports/logs/readLog.ts";
import { logText } from "../../reports/logs/text/logText.ts";

const usage = "deno task import:log FILE [flags]";

const flags = {
  all: { type: "boolean", help: "show every epoch" },
  json: { type: "boolean", help: "print one JSON object" },
} as const;

/**
 * Reads a training log and compares it with the schedule that it says it ran. What a reader must know before using the
 * numbers goes to stderr.
 *
 * @param args the command line: one file, a log of LocalMIM, ViTFreeze or MAE, plain or gzip
 */
export async function main(args: string[]): Promise<void> {
  const { values, positionals: [file] } = parseFlags(args, usage, flags, 1);
  if (file === undefined) throw new UserError(`Cannot import a log: no file is named; usage: ${usage}`);
  const path = fromHere(file);
  const log = await readLog(path);
  const examined = examine(log.run);
  if (values.json) console.log(printableJson(logJson(path, log, examined)));
  else console.log(logText(shortPath(path), log, examined, values.all === true));
  for (const warning of log.warnings) console.error(`warning: ${printable(warning)}`);
}

if (import.meta.main) await runMain(main);
