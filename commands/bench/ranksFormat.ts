import { fixed } from "../../reports/format.ts";
import { digits, valueText } from "./format.ts";
import type { SeveralRanks } from "./model.ts";
import { RANKS, WAYS } from "./rankFigures.ts";

/** A table with a line above it. */
export interface Titled {
  title: string;
  head: string[];
  rows: string[][];
}

/** The tables of several ranks: what they leave of one process's speed, what they exchange, what is predicted. */
export function ranksTables({ library, efficiency, states, predicted }: SeveralRanks, batch: number): Titled[] {
  const share = (value: number) => fixed(value, 3);
  return [
    {
      title: `${RANKS} ranks by ${library}, 1 thread and batch ${batch} each; quotients of median step times`,
      head: ["what it loses by", "step of", "over that of", "efficiency"],
      rows: [
        ["sharing the machine", WAYS.alone, WAYS.apart, share(efficiency.machine)],
        ["exchanging gradients", WAYS.apart, WAYS.whole, share(efficiency.exchange)],
        ["both", WAYS.alone, WAYS.whole, share(efficiency.whole)],
        ["not overlapping", WAYS.overlapped, WAYS.whole, share(1 / efficiency.overlap)],
      ],
    },
    {
      title: "Gradients that each rank hands over in a step, by frozen layers",
      head: ["frozen layers", "gradients", "all-reduce by itself"],
      rows: states.map(({ frozen, bytes, allReduce }) => [
        String(frozen),
        `${digits(bytes / 1e6)} MB`,
        allReduce ? valueText(allReduce.median, "s") : "-",
      ]),
    },
    {
      title: `Predicted by the cost model, not measured: nodes with its 2-core CPU, one rank and batch ${batch} each`,
      head: ["frozen layers", "nodes", "network", "step", "exchange", "efficiency"],
      rows: predicted.map(({ frozen, nodes, gigabitsPerSecond, seconds, exchangeSeconds, efficiency }) => [
        String(frozen),
        String(nodes),
        `${gigabitsPerSecond} Gb/s`,
        valueText(seconds, "s"),
        valueText(exchangeSeconds, "s"),
        share(efficiency),
      ]),
    },
  ];
}
