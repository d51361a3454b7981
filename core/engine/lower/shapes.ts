import { input, type LoweringRule } from "./rule.ts";
import { sameShape } from "./builder.ts";

const transpose: LoweringRule = (builder, node) => {
  const perm = [...node.attributes.perm as number[]], x = input(node, "x");
  if (perm.every((axis, i) => axis === i)) {
    return builder.set(node.outputs[0], builder.small(x), builder.storedShape(x));
  }
  builder.set(node.outputs[0], builder.emitOne("Transpose", [builder.full(x)], { perm }));
};

const reshape: LoweringRule = (builder, node) => {
  const x = input(node, "x"), [out] = node.outputs, { shape } = builder.value(out);
  const stored = builder.storedShape(x);
  if (sameShape(builder.value(x).shape, shape)) return builder.set(out, builder.small(x), stored);
  if (stored.length === 0) return builder.set(out, builder.small(x), []);
  builder.set(out, builder.emitOne("Reshape", [builder.full(x), builder.int64(shape)]));
};

const tile: LoweringRule = (builder, node) => {
  const x = input(node, "x"), reps = node.attributes.reps as number[];
  builder.set(node.outputs[0], builder.emitOne("Tile", [builder.full(x), builder.int64(reps)]));
};

const gather: LoweringRule = (builder, node) => {
  const names = [builder.full(input(node, "x")), builder.full(input(node, "indices"))];
  builder.set(node.outputs[0], builder.emitOne("Gather", names, { axis: node.attributes.axis as number }));
};

const split: LoweringRule = (builder, node) => {
  const axis = node.attributes.axis as number;
  const sizes = builder.int64(node.outputs.map((id) => builder.value(id).shape.at(axis)!));
  const parts = builder.emit("Split", [builder.full(input(node, "x")), sizes], {
    attributes: { axis },
    outputs: node.outputs.length,
  });
  node.outputs.forEach((id, i) => builder.set(id, parts[i]));
};

const concat: LoweringRule = (builder, node) => {
  const parts = (node.inputs.list as number[]).map((id) => builder.full(id));
  builder.set(node.outputs[0], builder.emitOne("Concat", parts, { axis: node.attributes.axis as number }));
};

/** Kernels that move elements without changing them. */
export const SHAPE_RULES: Record<string, LoweringRule> = {
  Transpose: transpose,
  Reshape: reshape,
  Tile: tile,
  GatherV2: gather,
  SplitV: split,
  Concat: concat,
};
