import type { TracedNode } from "../../trace/graph.ts";
import type { GraphBuilder } from "../builder.ts";
import { type BlockedValue, joined, sameLayout } from "./layout.ts";

/** Sums and maxima of blocked tensors are those of their memory, as long as their channels lie alike. */
const ELEMENTWISE: Record<string, string> = { Add: "Add", AddN: "Add", Relu: "Relu" };

/** The blocked inputs of a node; nothing unless all of them are. */
function blockedInputs(builder: GraphBuilder, node: TracedNode): BlockedValue[] | undefined {
  const values = Object.values(node.inputs).flat().map((id) => builder.blocked(id));
  return values.every((value) => value !== undefined) ? values : undefined;
}

/**
 * Emits a kernel of tfjs on blocked tensors as they lie: sums, ReLU, concatenation by channel and its reverse.
 *
 * @returns whether it could; if not, the plain rule has to
 */
export function lowerAsTheyLie(builder: GraphBuilder, node: TracedNode): boolean {
  const values = builder.blockSize ? blockedInputs(builder, node) : undefined;
  if (!values?.length) return false;
  const [{ layout }] = values, [out] = node.outputs;
  if (node.kernel in ELEMENTWISE) {
    if (!values.every((value) => sameLayout(value.layout, layout))) return false;
    const names = values.map(({ name }) => name), op = ELEMENTWISE[node.kernel];
    const name = names.length === 1
      ? builder.emitOne(op, names)
      : names.reduce((sum, other) => builder.emitOne(op, [sum, other]));
    builder.setBlocked(out, name, layout);
    return true;
  }
  if (node.kernel === "Concat" && node.attributes.axis === 1) {
    const name = builder.emitOne("Concat", values.map(({ name }) => name), { axis: 1 });
    builder.setBlocked(out, name, joined(values.map(({ layout }) => layout)));
    return true;
  }
  if (node.kernel === "SplitV" && node.attributes.axis === 1) return split(builder, node, values[0]);
  return false;
}

/** Parts whose channels fill whole blocks in their order are cut out of the memory. */
function split(builder: GraphBuilder, node: TracedNode, { name, layout }: BlockedValue): boolean {
  const parts: number[][] = [], B = builder.blockSize;
  let place = 0, channel = 0;
  for (const id of node.outputs) {
    const channels = builder.value(id).shape[1], part: number[] = [], end = channel + channels;
    while (channel < end && place < layout.length) {
      if (layout[place] >= 0 && layout[place] !== channel) return false;
      part.push(layout[place] < 0 ? -1 : channel++ - (end - channels));
      place++;
    }
    while (part.length % B && layout[place] === -1) part.push(layout[place++]);
    if (part.length % B) return false;
    parts.push(part);
  }
  const sizes = builder.int64(parts.map(({ length }) => length));
  const names = builder.emit("Split", [name, sizes], { attributes: { axis: 1 }, outputs: parts.length });
  node.outputs.forEach((id, k) => builder.setBlocked(id, names[k], parts[k]));
  return true;
}
