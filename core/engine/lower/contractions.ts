import * as tf from "@tensorflow/tfjs-core";
import { sizeOf } from "../program.ts";
import { input, type LoweringRule } from "./rule.ts";

/** A sum of shares of 1 is rounded to 6e-8 of itself. */
const SMALLEST_SHARE = 1e-20;

/** Numbers from which on they are not added one after the other. */
const LONG = 1024;

/**
 * Rows in which so many numbers are summed before their sums are: about as many as a row has numbers. On a card and in a browser one
 * running sum of them all would lose digits, 6e-5 of a loss over 100,000 numbers.
 */
function rowsOf(count: number): number {
  if (count < LONG) return 1;
  let rows = Math.floor(Math.sqrt(count));
  while (count % rows > 0) rows--;
  return rows;
}

function reduction(op: string): LoweringRule {
  return (builder, node) => {
    const x = input(node, "x"), [out] = node.outputs, { shape } = builder.value(x);
    const wanted = (node.attributes.axis ?? node.attributes.reductionIndices) as number | number[];
    const axes = tf.util.parseAxisParam(wanted, shape), keepdims = node.attributes.keepDims ? 1 : 0;
    if (axes.length === 0) return builder.set(out, builder.small(x), builder.storedShape(x));
    if (op === "ReduceSum" && shape.length === 2 && axes.join() === "0" && !keepdims) {
      // The sum of all rows: as a matrix product it takes half the time of ReduceSum.
      const ones = builder.emitOne("Expand", [builder.scalar(1), builder.int64([shape[0]])]);
      return builder.set(out, builder.emitOne("MatMul", [ones, builder.full(x)]));
    }
    const rows = builder.fused || axes.length < shape.length || keepdims ? 1 : rowsOf(sizeOf(shape));
    if (rows > 1 && op !== "ReduceMax") {
      const table = builder.emitOne("Reshape", [builder.full(x), builder.int64([rows, sizeOf(shape) / rows])]);
      const parts = builder.emitOne(op, [table, builder.int64([1])], { keepdims: 0 });
      return builder.set(out, builder.emitOne(op, [parts, builder.int64([0])], { keepdims: 0 }));
    }
    builder.set(out, builder.emitOne(op, [builder.full(x), builder.int64(axes)], { keepdims }));
  };
}

const matMul: LoweringRule = (builder, node) => {
  const a = builder.full(input(node, "a")), b = builder.full(input(node, "b")), [out] = node.outputs;
  const transA = node.attributes.transposeA ? 1 : 0, transB = node.attributes.transposeB ? 1 : 0;
  if (!transA && !transB) return builder.set(out, builder.emitOne("MatMul", [a, b]));
  if (builder.value(out).shape.length === 2) {
    return builder.set(out, builder.emitOne("Gemm", [a, b], { transA, transB }));
  }
  builder.set(out, builder.product(a, b, { transA, transB }, builder.value(out).shape.length));
};

/**
 * Softmax, with 0 for what is smaller than any rounding of a sum of such shares. Saturated attention would otherwise fill
 * its gradients with denormal numbers, on which matrix products take five times as long.
 */
const softmax: LoweringRule = (builder, node) => {
  const shares = builder.emitOne("Softmax", [builder.full(input(node, "logits"))], { axis: -1 });
  builder.set(node.outputs[0], builder.emitOne("ThresholdedRelu", [shares], { alpha: { float: SMALLEST_SHARE } }));
};

/** Kernels that sum over an axis: reductions, matrix products and softmax. */
export const CONTRACTION_RULES: Record<string, LoweringRule> = {
  Sum: reduction("ReduceSum"),
  Mean: reduction("ReduceMean"),
  Max: reduction("ReduceMax"),
  BatchMatMul: matMul,
  Softmax: softmax,
};
