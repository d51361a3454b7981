// Predicts what a training run costs, and what freezing saves of it, from shapes alone.
//
//   deno task cost [--model vit-b16|wrn-40-4] [--t0 0.8] [--device cpu|v100] [--backward cut|live] [--nodes N] [--json]

import { parseFlags } from "../../cli/args.ts";
import { runMain } from "../../cli/main.ts";
import { netNamed } from "../../core/models/convnet/named.ts";
import { costFlags, requestOf } from "./flags.ts";
import { netReport, netText } from "./net.ts";
import { costReport } from "./report.ts";
import { costText } from "./text.ts";

function main(args: string[]): Promise<void> {
  const { values } = parseFlags(args, "deno task cost [flags]", costFlags);
  const net = netNamed(String(values.model));
  if (net) print(netReport(values, net), netText, values.json);
  else print(costReport(requestOf(values)), costText, values.json);
  return Promise.resolve();
}

function print<Report>(report: Report, text: (report: Report) => string, json: unknown): void {
  console.log(json ? JSON.stringify(report, null, 2) : text(report));
}

if (import.meta.main) await runMain(main);
