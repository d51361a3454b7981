import type { OnnxGraph } from "../onnx/model.ts";
import type { TracedGraph } from "../trace/graph.ts";
import { lowerAsTheyLie } from "./blocked/asTheyLie.ts";
import { CHANNEL_RULES } from "./blocked/channelRules.ts";
import { CONV_RULES } from "./blocked/convRules.ts";
import { DEPTHWISE_RULES } from "./blocked/depthwiseRules.ts";
import { POOL_RULES } from "./blocked/poolRules.ts";
import { GraphBuilder } from "./builder.ts";
import { CONTRACTION_RULES } from "./contractions.ts";
import { ELEMENTWISE_RULES } from "./elementwise.ts";
import { FUSED_RULES } from "./fused.ts";
import { mergeKernels } from "./merge.ts";
import type { LoweringRule } from "./rule.ts";
import { SHAPE_RULES } from "./shapes.ts";

const RULES: Record<string, LoweringRule> = {
  ...ELEMENTWISE_RULES,
  ...SHAPE_RULES,
  ...CONTRACTION_RULES,
  ...FUSED_RULES,
  ...CONV_RULES,
  ...CHANNEL_RULES,
  ...POOL_RULES,
  ...DEPTHWISE_RULES,
};

/** Indices of the nodes that the outputs depend on. */
export function liveNodes(graph: TracedGraph, outputs: Iterable<number>): Set<number> {
  const producer = new Map<number, number>();
  graph.nodes.forEach((node, index) => node.outputs.forEach((id) => producer.set(id, index)));
  const live = new Set<number>(), pending = [...outputs];
  while (pending.length) {
    const index = producer.get(pending.pop()!);
    if (index === undefined || live.has(index)) continue;
    live.add(index);
    pending.push(...Object.values(graph.nodes[index].inputs).flat());
  }
  return live;
}

/**
 * Lowers a recorded program to one ONNX graph. What no output depends on is left out.
 *
 * @param graph the recording
 * @param outputs name of each wanted output, and the index of its value
 * @param blockSize channels that lie together in a blocked tensor on the processor that will run it; 0: no blocked tensors
 * @param fused whether products may transpose their operands themselves, which no device but the CPU can
 */
export function lower(graph: TracedGraph, outputs: Record<string, number>, blockSize = 0, fused = true): OnnxGraph {
  const builder = new GraphBuilder(graph, blockSize, fused);
  const wanted = Object.values(outputs), live = liveNodes(graph, wanted);
  for (const node of mergeKernels(graph.nodes.filter((_, index) => live.has(index)), wanted)) {
    const rule = RULES[node.kernel];
    if (!rule) throw new Error(`Cannot lower kernel ${node.kernel}: there is no rule for it`);
    if (!lowerAsTheyLie(builder, node)) rule(builder, node);
  }
  return builder.finish(outputs);
}
