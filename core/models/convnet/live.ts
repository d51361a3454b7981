import type { Arena } from "../../engine/arena.ts";
import type { Outputs } from "../../engine/program.ts";
import { type ConvNet, moveStatistics, runningNames } from "./convNet.ts";

/** What still changes of a network whose first layers are frozen. */
export interface LiveParts {
  /** Parameters of the live layers, whose gradients are wanted. */
  parameters: { name: string; layer: number }[];
  /** Norms of the live layers, whose running statistics move. */
  norms: string[];
}

/** The parts of a network from layer `firstLive` on. */
export function liveParts<Config>(net: ConvNet<Config>, config: Config, firstLive: number): LiveParts {
  const parameters = net.parameters(config).map(({ name }) => ({ name, layer: net.layerOf(config, name) }));
  const norms = net.statistics(config).filter(({ layer }) => layer >= firstLive).map(({ name }) => name);
  return { parameters: parameters.filter(({ layer }) => layer >= firstLive), norms };
}

/** Moves the running statistics of live norms towards those of a batch, which its pass has put out. */
export function absorbStatistics(norms: readonly string[], outputs: Outputs, arena: Arena): void {
  for (const norm of norms) {
    const { mean, variance } = runningNames(norm);
    moveStatistics(arena.view(mean), outputs[`${norm}.mean`]);
    moveStatistics(arena.view(variance), outputs[`${norm}.variance`]);
  }
}
