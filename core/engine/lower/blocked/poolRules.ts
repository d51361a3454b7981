import type { GraphBuilder } from "../builder.ts";
import { NCHWC } from "../builder.ts";
import { input, type LoweringRule } from "../rule.ts";
import { inBlocks, reshaped, stored, taken } from "./channels.ts";

/** An operator of ONNX over windows that do not overlap, in blocks where its input is. */
const pool = (op: string): LoweringRule => (builder, node) => {
  const x = input(node, "x"), size = node.attributes.size as number, blocked = builder.blocked(x), [out] = node.outputs;
  const attributes = { kernel_shape: [size, size], strides: [size, size] };
  if (!blocked) return builder.set(out, builder.emitOne(op, [builder.full(x)], attributes));
  builder.setBlocked(out, builder.emitOne(op, [blocked.name], attributes, NCHWC), blocked.layout);
};

const imageMean: LoweringRule = (builder, node) => {
  const x = input(node, "x"), blocked = builder.blocked(x), [out] = node.outputs, { shape } = builder.value(out);
  if (!blocked) {
    const means = builder.emitOne("GlobalAveragePool", [builder.full(x)]);
    return builder.set(out, reshaped(builder, means, shape));
  }
  const means = builder.emitOne("GlobalAveragePool", [blocked.name], {}, NCHWC);
  builder.set(out, taken(builder, reshaped(builder, means, [shape[0], blocked.layout.length]), blocked.layout, 1));
};

/** [rows, H, 1, W, 1, B] with every pixel `size` times in both directions. */
function repeated(builder: GraphBuilder, name: string, [rows, h, w, last]: number[], size: number): string {
  const apart = reshaped(builder, name, [rows, h, 1, w, 1, last]);
  return builder.emitOne("Expand", [apart, builder.int64([rows, h, size, w, size, last])]);
}

/** A share of each mean's gradient for each of its pixels. */
const windowMeanGrad: LoweringRule = (builder, node) => {
  const dy = input(node, "dy"), like = input(node, "like"), size = node.attributes.size as number, [out] = node.outputs;
  const { shape: [n, c, h, w] } = builder.value(dy),
    share = builder.scalar(1 / size ** 2),
    { shape } = builder.value(like);
  const blocked = builder.blocked(dy);
  const small = builder.emitOne("Mul", [blocked?.name ?? builder.full(dy), share]);
  if (!blocked) {
    return builder.set(out, reshaped(builder, repeated(builder, small, [n * c, h, w, 1], size), shape));
  }
  const { layout } = blocked, B = builder.blockSize;
  const large = repeated(builder, small, [n * layout.length / B, h, w, B], size);
  builder.setBlocked(out, reshaped(builder, large, [n, layout.length, ...shape.slice(2)]), layout);
};

const imageMeanGrad: LoweringRule = (builder, node) => {
  const dy = input(node, "dy"), like = input(node, "like"), [out] = node.outputs, { shape } = builder.value(like);
  const [n, c, h, w] = shape, share = builder.emitOne("Mul", [builder.full(dy), builder.scalar(1 / (h * w))]);
  const blocked = builder.blocked(like);
  if (!blocked) {
    const apart = reshaped(builder, share, [n, c, 1, 1]);
    return builder.set(out, builder.emitOne("Expand", [apart, builder.int64(shape)]));
  }
  const { layout } = blocked, B = builder.blockSize, rows = n * layout.length / B;
  const apart = reshaped(builder, stored(builder, share, layout, 1, 2), [rows, 1, B]);
  const large = builder.emitOne("Expand", [apart, builder.int64([rows, h * w, B])]);
  builder.setBlocked(out, reshaped(builder, large, [n, layout.length, h, w]), layout);
};

/** The gradient goes to the first of a window's pixels that has its maximum, as in PyTorch. */
const windowMaxGrad: LoweringRule = (builder, node) => {
  const [x, y, dy] = ["x", "y", "dy"].map((name) => input(node, name)), size = node.attributes.size as number;
  const [out] = node.outputs, { shape: [n, , h, w] } = builder.value(y), { shape } = builder.value(x);
  const inAny = builder.blocked(x) !== undefined;
  const values = inAny ? inBlocks(builder, x) : undefined;
  const name = (id: number) => inAny ? inBlocks(builder, id).name : builder.full(id);
  const [rows, last] = values ? [n * values.layout.length / builder.blockSize, builder.blockSize] : [n * shape[1], 1];
  const apart = reshaped(builder, name(x), [rows, h, size, w, size, last]);
  const [maxima, gradient] = [y, dy].map((id) => reshaped(builder, name(id), [rows, h, 1, w, 1, last]));
  // 1 where x is the maximum, else below it by more than any denormal number: 0.
  const difference = builder.emitOne("Sub", [apart, maxima]);
  const hits = builder.emitOne("HardSigmoid", [difference], { alpha: { float: 1e38 }, beta: { float: 1 } });
  const one = builder.scalar(1);
  let left = gradient;
  const lines = Array.from({ length: size }, (_, row) => {
    const parts = Array.from({ length: size }, (_, column) => {
      const bounds = [[row, column], [row + 1, column + 1], [2, 4]].map((values) => builder.int64(values));
      const hit = builder.emitOne("Slice", [hits, ...bounds]), part = builder.emitOne("Mul", [left, hit]);
      left = builder.emitOne("Mul", [left, builder.emitOne("Sub", [one, hit])]);
      return part;
    });
    return builder.emitOne("Concat", parts, { axis: 4 });
  });
  const whole = builder.emitOne("Concat", lines, { axis: 2 });
  if (!values) return builder.set(out, reshaped(builder, whole, shape));
  builder.setBlocked(out, reshaped(builder, whole, [n, values.layout.length, ...shape.slice(2)]), values.layout);
};

/** Means and maxima over windows and whole images. */
export const POOL_RULES: Record<string, LoweringRule> = {
  WindowMean: pool("AveragePool"),
  WindowMax: pool("MaxPool"),
  ImageMean: imageMean,
  WindowMeanGrad: windowMeanGrad,
  ImageMeanGrad: imageMeanGrad,
  WindowMaxGrad: windowMaxGrad,
};
