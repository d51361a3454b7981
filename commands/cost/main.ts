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
  if (net) {
    const report = netReport(values, net);
    console.log(values.json ? JSON.stringify(report, null, 2) : netText(report));
    return Promise.resolve();
  }
  const report = costReport(requestOf(values));
  console.log(values.json ? JSON.stringify(report, null, 2) : costText(report));
  return Promise.resolve();
}

if (import.meta.main) await runMain(main);
