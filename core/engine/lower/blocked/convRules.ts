import type { TracedNode } from "../../trace/graph.ts";
import type { GraphBuilder } from "../builder.ts";
import { input, type LoweringRule } from "../rule.ts";
import { inBlocks, reshaped } from "./channels.ts";
import { fitsBlocks, forward, inputGradient, type Kernel, spreadOut } from "./conv.ts";
import { filterGradient } from "./filterGradient.ts";
import { type BlockedValue, filledUp, sameLayout } from "./layout.ts";

const kernelOf = ({ attributes: { stride, padding } }: TracedNode, size: number): Kernel => ({
  size,
  stride: stride as number,
  padding: padding as number,
});

/** A value that is added to one of this layout, if it lies so; else it is to be added apart. */
function asAddend(builder: GraphBuilder, id: number | undefined, layout: BlockedValue["layout"]) {
  if (id === undefined) return undefined;
  const value = inBlocks(builder, id);
  return sameLayout(value.layout, layout) ? value : undefined;
}

/** Weight or filter gradient times a factor for each output channel. */
const scaledBy = (builder: GraphBuilder, name: string, scale: number | undefined) =>
  scale === undefined ? name : builder.emitOne("Mul", [name, reshaped(builder, builder.full(scale), [-1, 1, 1, 1])]);

/** conv(x, scale weight) + bias + add, above zero where `relu`. */
const convForward: LoweringRule = (builder, node) => {
  const { x, weight, scale, bias, add } = node.inputs as Record<string, number>, [out] = node.outputs;
  const { shape: [outputs, , size] } = builder.value(weight), kernel = kernelOf(node, size);
  const { relu } = node.attributes;
  if (fitsBlocks(builder, builder.value(x).shape, kernel)) {
    const addend = asAddend(builder, add, filledUp(outputs, builder.blockSize));
    if (add === undefined || addend) {
      const { name, layout } = forward(builder, { x, weight, scale, bias, add: addend }, kernel, Boolean(relu));
      return builder.setBlocked(out, name, layout);
    }
  }
  const operands = [builder.full(x), scaledBy(builder, builder.full(weight), scale)];
  let name = builder.emitOne("Conv", bias === undefined ? operands : [...operands, builder.full(bias)], {
    pads: new Array<number>(4).fill(kernel.padding),
    strides: [kernel.stride, kernel.stride],
  });
  if (add !== undefined) name = builder.emitOne("Add", [name, builder.full(add)]);
  builder.set(out, relu ? builder.emitOne("Relu", [name]) : name);
};

/** The gradient to the image, with what is added to it: `add` of its own shape, or the gradient of a 1 x 1 kernel at stride 2. */
const convInputGrad: LoweringRule = (builder, node) => {
  const { dy, weight, like, scale, add, shortDy, shortWeight } = node.inputs as Record<string, number>;
  const { shape } = builder.value(like), kernel = kernelOf(node, builder.value(weight).shape[2]), [out] = node.outputs;
  if (!fitsBlocks(builder, shape, kernel)) return plainInputGrad(builder, node, kernel);
  const { layout } = inBlocks(builder, like), addend = asAddend(builder, add, layout);
  const short = shortDy === undefined ? undefined : inputGradient(
    builder,
    { dy: inBlocks(builder, shortDy), weight: shortWeight, layout },
    shape,
    { ...kernel, size: 1 },
  );
  const own = kernel.stride === 1 ? addend?.name : short;
  let name = inputGradient(builder, { dy: inBlocks(builder, dy), weight, scale, layout, add: own }, shape, kernel);
  if (kernel.size === 1 && kernel.stride === 2) name = spreadOut(builder, { name, layout }, shape);
  if (addend && kernel.stride === 2) name = builder.emitOne("Add", [name, addend.name]);
  builder.setBlocked(out, name, layout);
  if (add !== undefined && !addend) {
    builder.set(out, builder.emitOne("Add", [builder.small(out), builder.full(add)]));
  }
};

function plainInputGrad(builder: GraphBuilder, node: TracedNode, { size, stride, padding }: Kernel): void {
  const { dy, weight, like, scale, add, shortDy, shortWeight } = node.inputs as Record<string, number>;
  const { shape } = builder.value(like), [out] = node.outputs;
  const transposed = (dy: number, weight: string, size: number, padding: number) => {
    const rest = shape.slice(2).map((extent, k) =>
      extent - (builder.value(dy).shape[2 + k] - 1) * stride - size + 2 * padding
    );
    return builder.emitOne("ConvTranspose", [builder.full(dy), weight], {
      pads: new Array<number>(4).fill(padding),
      strides: [stride, stride],
      output_padding: rest,
    });
  };
  let name = transposed(dy, scaledBy(builder, builder.full(weight), scale), size, padding);
  if (shortDy !== undefined) {
    name = builder.emitOne("Add", [name, transposed(shortDy, builder.full(shortWeight), 1, 0)]);
  }
  builder.set(out, add === undefined ? name : builder.emitOne("Add", [name, builder.full(add)]));
}

const convFilterGrad: LoweringRule = (builder, node) => {
  const x = input(node, "x"), dy = input(node, "dy"), { shape } = builder.value(x), [out] = node.outputs;
  const { scale } = node.inputs as Record<string, number>, kernel = kernelOf(node, node.attributes.size as number);
  const name = fitsBlocks(builder, shape, kernel)
    ? filterGradient(builder, inBlocks(builder, x), inBlocks(builder, dy), shape, kernel)
    : plainFilterGrad(builder, node, kernel);
  builder.set(out, scaledBy(builder, name, scale));
};

/** Images and channels change roles; what a stride leaves over at the end is cut off. */
function plainFilterGrad(builder: GraphBuilder, node: TracedNode, { size, stride, padding }: Kernel): string {
  const turned = ["x", "dy"].map((name) =>
    builder.emitOne("Transpose", [builder.full(input(node, name))], { perm: [1, 0, 2, 3] })
  );
  const sums = builder.emitOne("Conv", turned, {
    pads: new Array<number>(4).fill(padding),
    dilations: [stride, stride],
  }); // [C, O, k', k']
  const ends = [[0, 0], [size, size], [2, 3]].map((values) => builder.int64(values));
  return builder.emitOne("Transpose", [builder.emitOne("Slice", [sums, ...ends])], { perm: [1, 0, 2, 3] });
}

/** Convolutions: on blocked tensors where their shape fits, else on plain ones. */
export const CONV_RULES: Record<string, LoweringRule> = {
  ConvForward: convForward,
  ConvInputGrad: convInputGrad,
  ConvFilterGrad: convFilterGrad,
};
