// Predicts what a pre-training run costs, and what freezing saves of it, from shapes alone.
//
//   deno task cost [--model vit-b16] [--t0 0.8] [--device cpu|v100] [--backward cut|live] [--nodes N] [--json]

import { parseFlags } from "../../cli/args.ts";
import { runMain } from "../../cli/main.ts";
import { costFlags, requestOf } from "./flags.ts";
import { costReport } from "./report.ts";
import { costText } from "./text.ts";

function main(args: string[]): Promise<void> {
  const { values } = parseFlags(args, "deno task cost [flags]", costFlags);
  const report = costReport(requestOf(values));
  console.log(values.json ? JSON.stringify(report, null, 2) : costText(report));
  return Promise.resolve();
}

if (import.meta.main) await runMain(main);
