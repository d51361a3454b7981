import type { TracedNode } from "../trace/graph.ts";

/** Nodes of a recording with what reads each value. */
class Uses {
  readonly producers = new Map<number, TracedNode>();
  readonly readers = new Map<number, TracedNode[]>();

  constructor(nodes: readonly TracedNode[], readonly outputs: ReadonlySet<number>) {
    for (const node of nodes) {
      node.outputs.forEach((id) => this.producers.set(id, node));
      for (const id of Object.values(node.inputs).flat()) {
        this.readers.set(id, [...this.readers.get(id) ?? [], node]);
      }
    }
  }

  /** The producer of a value that this node alone reads, once; if it is such a kernel. */
  sole(id: number | undefined, reader: TracedNode, kernels: string[]): TracedNode | undefined {
    if (id === undefined || this.outputs.has(id)) return undefined;
    const readers = this.readers.get(id) ?? [], producer = this.producers.get(id);
    return readers.length === 1 && readers[0] === reader && producer && kernels.includes(producer.kernel)
      ? producer
      : undefined;
  }
}

/** What takes the place of a node, and the nodes before it that are no longer needed. */
interface Merge {
  made: TracedNode;
  gone: TracedNode[];
}

/**
 * Merges kernels on images into those that compute the same in fewer passes over the pixels:
 * - a frozen norm behind a convolution becomes factors of its weight, and a bias;
 * - what is added to a convolution's or a norm's gradient is added in its pass;
 * - at stride 2, the gradient of a 1 x 1 kernel is added at the small sides.
 *
 * @param nodes in order of execution, all of them needed
 * @param outputs values that are wanted as they are
 */
export function mergeKernels(nodes: readonly TracedNode[], outputs: Iterable<number>): TracedNode[] {
  if (!nodes.some(({ kernel }) => kernel === "ConvForward")) return [...nodes];
  const wanted = new Set(outputs), merged = withoutCopies(nodes, wanted);
  for (const rule of [foldNorm, addGradient]) {
    let uses = new Uses(merged, wanted);
    for (let at = 0; at < merged.length; at++) {
      const merge = rule(merged[at], uses);
      if (!merge) continue;
      merged[at] = merge.made;
      for (const node of merge.gone) merged.splice(merged.indexOf(node), 1);
      at = merged.indexOf(merge.made);
      uses = new Uses(merged, wanted);
    }
  }
  leaveFactors(merged, new Uses(merged, wanted));
  return merged;
}

/** tfjs copies what it saves for a gradient: the copies' readers read the original. */
function withoutCopies(nodes: readonly TracedNode[], wanted: ReadonlySet<number>): TracedNode[] {
  const originals = new Map<number, number>(), original = (id: number) => originals.get(id) ?? id;
  return nodes.flatMap((node) => {
    const entries = Object.entries(node.inputs).map(([name, ids]) => [
      name,
      Array.isArray(ids) ? ids.map(original) : original(ids),
    ]);
    const inputs: TracedNode["inputs"] = Object.fromEntries(entries);
    if (node.kernel !== "Identity" || wanted.has(node.outputs[0])) return [{ ...node, inputs }];
    originals.set(node.outputs[0], inputs.x as number);
    return [];
  });
}

const single = (node: TracedNode, name: string) => node.inputs[name] as number | undefined;

function foldNorm(node: TracedNode, uses: Uses): Merge | undefined {
  if (node.kernel !== "ChannelAffine") return undefined;
  const conv = uses.sole(single(node, "x"), node, ["ConvForward"]);
  if (!conv || conv.attributes.relu || "add" in conv.inputs) return undefined;
  const { scale, shift } = node.inputs;
  return {
    gone: [conv],
    made: {
      ...conv,
      inputs: { ...conv.inputs, scale, bias: shift },
      attributes: { ...conv.attributes, relu: node.attributes.relu },
      outputs: node.outputs,
    },
  };
}

function addGradient(node: TracedNode, uses: Uses): Merge | undefined {
  const list = node.kernel === "Add" ? [node.inputs.a, node.inputs.b] : node.kernel === "AddN" ? node.inputs.list : [];
  const ids = list as number[];
  if (ids.length !== 2) return undefined;
  for (const [own, other] of [ids, [...ids].reverse()]) {
    const gradient = uses.sole(own, node, ["ConvInputGrad", "BatchNormGrad"]);
    if (!gradient || "add" in gradient.inputs || "shortDy" in gradient.inputs) continue;
    const strided = gradient.attributes.stride === 2;
    const short = strided ? uses.sole(other, node, ["ConvInputGrad"]) : undefined;
    if (short && short.attributes.stride === 2 && short.attributes.padding === 0 && gradient.attributes.padding === 1) {
      const inputs = { ...gradient.inputs, shortDy: short.inputs.dy, shortWeight: short.inputs.weight };
      return { gone: [gradient, short], made: { ...gradient, inputs, outputs: node.outputs } };
    }
    if (strided) continue;
    const inputs = { ...gradient.inputs, add: other };
    return { gone: [gradient], made: { ...gradient, inputs, outputs: node.outputs } };
  }
  return undefined;
}

/**
 * Where a norm's gradient goes into the gradients of one convolution alone, its factor by channel is left to that
 * convolution's weight and filter gradient: one pass over the pixels less.
 */
function leaveFactors(nodes: TracedNode[], uses: Uses): void {
  nodes.forEach((node, at) => {
    const [id] = node.outputs;
    if (node.kernel !== "BatchNormGrad" || "add" in node.inputs || uses.outputs.has(id)) return;
    const readers = uses.readers.get(id) ?? [];
    const takesFactor = (reader: TracedNode) =>
      ["ConvInputGrad", "ConvFilterGrad"].includes(reader.kernel) && reader.inputs.dy === id &&
      Object.values(reader.inputs).flat().filter((other) => other === id).length === 1;
    if (!readers.length || !readers.every(takesFactor)) return;
    nodes[at] = { ...node, attributes: { ...node.attributes, unscaled: 1 } };
    for (const reader of readers) {
      const place = nodes.indexOf(reader);
      nodes[place] = { ...reader, inputs: { ...reader.inputs, scale: node.inputs.scale } };
    }
  });
}
