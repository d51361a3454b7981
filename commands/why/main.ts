// Tells why freezing does not save more of a run's time, and what would change it.
//
//   deno task why RECORD|FOLDER          a record, or the folder of a phase
//   deno task why EXPERIMENT [--rows a,b] [--profile NAME] [--set key=value]
//   deno task why LOG                    a log of LocalMIM's or ViTFreeze's own code

import { listFlag, parseFlags } from "../../cli/args.ts";
import { columnsOfOutput } from "../../cli/columns.ts";
import { exists, shortPath } from "../../cli/files.ts";
import { fromHere } from "../../cli/here.ts";
import { runMain } from "../../cli/main.ts";
import { UserError } from "../../core/errors.ts";
import { readLog } from "../../reports/logs/readLog.ts";
import { logWhy } from "./logText.ts";
import { planned, PROFILE, recorded } from "./subjects.ts";
import { whyText } from "./text.ts";

const USAGE = "deno task why RECORD|FOLDER|LOG, or deno task why EXPERIMENT [flags]";
const FLAGS = {
  rows: { type: "string", value: "LIST", help: "rows of the experiment with commas (default those that freeze)" },
  profile: { type: "string", value: "NAME", help: `scale of the experiment (default ${PROFILE})` },
  set: { type: "string", value: "KEY=VALUE", help: "a setting of the experiment; may be repeated", multiple: true },
} as const;

async function main(args: string[]): Promise<void> {
  const { values, positionals: [asked] } = parseFlags(args, USAGE, FLAGS, 1);
  if (asked === undefined) throw new UserError(`Cannot tell why: nothing is named; usage: ${USAGE}`);
  const { rows, profile, set = [] } = values as { rows?: string; profile?: string; set?: string[] };
  const columns = columnsOfOutput(), path = fromHere(asked), isFile = await exists(path), what = isFile ? path : asked;
  if (isFile) {
    const idle = Object.keys(values).find((name) => values[name] !== undefined);
    if (idle) throw new UserError(`Cannot use --${idle}: ${shortPath(what)} is a run that was made, want it left away`);
    const isOurs = (await Deno.stat(what)).isDirectory || what.endsWith(".json");
    console.log(
      isOurs ? whyText(await recorded(what), columns) : logWhy(shortPath(what), await readLog(what), columns),
    );
    return;
  }
  if (/[\/\\]|\.(json|txt|log|gz)$/.test(what)) {
    throw new UserError(`Cannot tell of ${what}: no such file or folder, want a record, a phase's folder or a log`);
  }
  const wanted = {
    set,
    ...(profile !== undefined && { profile }),
    ...(rows !== undefined && { rows: listFlag("rows", rows, "a row") }),
  };
  console.log(planned(what, wanted).map((each) => whyText(each, columns)).join("\n\n\n"));
}

if (import.meta.main) await runMain(main);
