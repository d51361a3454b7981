import type { GraphBuilder } from "../builder.ts";
import { NCHWC } from "../builder.ts";
import { input, type LoweringRule } from "../rule.ts";
import { type BlockedConv, blockedConv, inBlocks, reshaped, stored, taken } from "./channels.ts";
import { type BlockedValue, sameLayout } from "./layout.ts";

/** Steeper than any float is small: the sigmoid that is 0 or 1 for all numbers but the denormal ones. */
const STEEP = { float: 1e38 };

/** Values per channel, [C], with axes behind for the pixels of a plain tensor. */
const overPixels = (builder: GraphBuilder, id: number) => reshaped(builder, builder.full(id), [-1, 1, 1]);

/** scale x + shift + add by channel, of values per channel, [C]. */
function affine(
  builder: GraphBuilder,
  { name, layout }: BlockedValue,
  scale: string,
  { shift, ...options }: { shift?: string } & Pick<BlockedConv, "add" | "relu">,
): BlockedValue {
  const weight = reshaped(builder, stored(builder, scale, layout, 0, 1), [layout.length, 1, 1, 1]);
  const group = layout.length, bias = shift && stored(builder, shift, layout, 0, 1);
  return { layout, name: blockedConv(builder, name, weight, { kernel: [1, 1], group, bias, ...options }) };
}

/** Sum over images of a value per image and channel, [N, places] in any shape of so many elements: [C]. */
function overImages(builder: GraphBuilder, name: string, images: number, { layout }: BlockedValue): string {
  const table = reshaped(builder, name, [images, layout.length]);
  const sum = builder.emitOne("ReduceSum", [table, builder.int64([0])], { keepdims: 0 });
  return taken(builder, sum, layout, 0);
}

/**
 * Sum over images and pixels of x y in one pass: a depthwise convolution whose kernel is the whole map, for a blocked
 * tensor is such a convolution's filter as it lies.
 */
function dot(builder: GraphBuilder, x: BlockedValue, y: BlockedValue, [n, , h, w]: readonly number[]): string {
  const group = n * x.layout.length, filter = reshaped(builder, y.name, [group, 1, h, w]);
  const image = reshaped(builder, x.name, [1, group, h, w]);
  return overImages(builder, blockedConv(builder, image, filter, { kernel: [h, w], group }), n, x);
}

/** Mean over the pixels of each image and channel, [N, places, 1, 1]. */
const pixelMean = (builder: GraphBuilder, { name }: BlockedValue) =>
  builder.emitOne("GlobalAveragePool", [name], {}, NCHWC);

/** Sum over images and pixels of x: [C]. */
function sum(builder: GraphBuilder, x: BlockedValue, [n, , h, w]: readonly number[]): string {
  const means = overImages(builder, pixelMean(builder, x), n, x);
  return builder.emitOne("Mul", [means, builder.scalar(h * w)]);
}

/** The sum by channel, [C], of a plain tensor. */
const plainSum = (builder: GraphBuilder, name: string) =>
  builder.emitOne("ReduceSum", [name, builder.int64([0, 2, 3])], { keepdims: 0 });

const inAnyBlocks = (builder: GraphBuilder, ...ids: number[]) => ids.some((id) => builder.blocked(id));

/** Mean and biased variance of each channel: E x and E x^2 - (E x)^2. */
const channelMoments: LoweringRule = (builder, node) => {
  const x = input(node, "x"),
    { shape } = builder.value(x),
    [n, , h, w] = shape,
    share = builder.scalar(1 / (n * h * w));
  const blocked = builder.blocked(x);
  let total: string, squares: string;
  if (blocked) [total, squares] = [sum(builder, blocked, shape), dot(builder, blocked, blocked, shape)];
  else {
    const plain = builder.full(x);
    [total, squares] = [plainSum(builder, plain), plainSum(builder, builder.emitOne("Mul", [plain, plain]))];
  }
  const mean = builder.emitOne("Mul", [total, share]), square = builder.emitOne("Mul", [squares, share]);
  const variance = builder.emitOne("Sub", [square, builder.emitOne("Mul", [mean, mean])]);
  builder.set(node.outputs[0], mean);
  builder.set(node.outputs[1], builder.emitOne("Max", [variance, builder.scalar(0)])); // rounding may go below
};

const channelSum: LoweringRule = (builder, node) => {
  const x = input(node, "x"), blocked = builder.blocked(x);
  const name = blocked ? sum(builder, blocked, builder.value(x).shape) : plainSum(builder, builder.full(x));
  builder.set(node.outputs[0], name);
};

const channelDot: LoweringRule = (builder, node) => {
  const [x, y] = [input(node, "x"), input(node, "y")];
  if (inAnyBlocks(builder, x, y)) {
    const [a, b] = [inBlocks(builder, x), inBlocks(builder, y)];
    if (sameLayout(a.layout, b.layout)) {
      return builder.set(node.outputs[0], dot(builder, a, b, builder.value(x).shape));
    }
  }
  builder.set(node.outputs[0], plainSum(builder, builder.emitOne("Mul", [builder.full(x), builder.full(y)])));
};

/** scale x + shift, above zero where `relu`. */
const channelAffine: LoweringRule = (builder, node) => {
  const { x, scale, shift } = node.inputs as Record<string, number>, relu = Boolean(node.attributes.relu);
  const blocked = builder.blocked(x), [out] = node.outputs;
  if (blocked) {
    const { name, layout } = affine(builder, blocked, builder.full(scale), { shift: builder.full(shift), relu });
    return builder.setBlocked(out, name, layout);
  }
  const scaled = builder.emitOne("Mul", [builder.full(x), overPixels(builder, scale)]);
  const moved = builder.emitOne("Add", [scaled, overPixels(builder, shift)]);
  builder.set(out, relu ? builder.emitOne("Relu", [moved]) : moved);
};

/**
 * scale (dy + slope x + offset) + add. Where all that follows is the gradients of a convolution, the factor is left to its
 * weights (`unscaled`): then one pass over the pixels is enough.
 */
const batchNormGrad: LoweringRule = (builder, node) => {
  const { x, dy, scale, slope, offset, add } = node.inputs as Record<string, number>, [out] = node.outputs;
  const unscaled = Boolean(node.attributes.unscaled), values = builder.blocked(x);
  const [gradient, addend] = [dy, add].map((id) => values && id !== undefined ? inBlocks(builder, id) : undefined);
  const fits = [gradient, addend].every((other) => !other || sameLayout(other.layout, values!.layout));
  if (!values || !gradient || !fits) {
    const moved = builder.emitOne("Add", [
      builder.emitOne("Mul", [builder.full(x), overPixels(builder, slope)]),
      overPixels(builder, offset),
    ]);
    const sum = builder.emitOne("Add", [moved, builder.full(dy)]);
    const scaled = unscaled ? sum : builder.emitOne("Mul", [sum, overPixels(builder, scale)]);
    return builder.set(out, add === undefined ? scaled : builder.emitOne("Add", [scaled, builder.full(add)]));
  }
  const [a, b, s] = [slope, offset, scale].map((id) => builder.full(id));
  if (unscaled) {
    const { name, layout } = affine(builder, values, a, { shift: b, add: gradient.name });
    return builder.setBlocked(out, name, layout);
  }
  const rest = affine(builder, values, builder.emitOne("Mul", [a, s]), {
    shift: builder.emitOne("Mul", [b, s]),
    add: addend?.name,
  });
  const { name, layout } = affine(builder, gradient, s, { add: rest.name });
  builder.setBlocked(out, name, layout);
};

/** dy where the ReLU's output is above zero. */
const reluGrad: LoweringRule = (builder, node) => {
  const [y, dy] = [input(node, "y"), input(node, "dy")], [out] = node.outputs;
  const masked = (y: string, dy: string) =>
    builder.emitOne("Mul", [dy, builder.emitOne("HardSigmoid", [y], { alpha: STEEP, beta: { float: 0 } })]);
  if (inAnyBlocks(builder, y, dy)) {
    const [a, b] = [inBlocks(builder, y), inBlocks(builder, dy)];
    if (sameLayout(a.layout, b.layout)) return builder.setBlocked(out, masked(a.name, b.name), a.layout);
  }
  builder.set(out, masked(builder.full(y), builder.full(dy)));
};

/** What is done to channels, one by one or by their sums over images and pixels. */
export const CHANNEL_RULES: Record<string, LoweringRule> = {
  ChannelMoments: channelMoments,
  ChannelSum: channelSum,
  ChannelDot: channelDot,
  ChannelAffine: channelAffine,
  BatchNormGrad: batchNormGrad,
  ReluGrad: reluGrad,
};
