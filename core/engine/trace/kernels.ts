import * as tf from "@tensorflow/tfjs-core";
import { TRACE_BACKEND, type TraceBackend } from "./backend.ts";
import { CONV_SHAPE_RULES } from "./convKernels.ts";
import { DEPTHWISE_SHAPE_RULES } from "./depthwiseKernels.ts";
import type { Attributes } from "./graph.ts";

type Infos = Record<string, tf.TensorInfo>;
interface Result {
  shape: number[];
  dtype: tf.DataType;
}
/** Result shapes and types of a kernel, from its inputs and attributes. */
type ShapeRule = (inputs: Infos, attributes: Attributes, list: tf.TensorInfo[]) => Result[];

const like = (info: tf.TensorInfo, shape: number[] = info.shape): Result[] => [{ shape, dtype: info.dtype }];

const broadcast: ShapeRule = ({ a, b }) => like(a, tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape));

const reduced: ShapeRule = ({ x }, attributes) => {
  const axes = tf.util.parseAxisParam((attributes.axis ?? attributes.reductionIndices) as number | number[], x.shape);
  return like(x, x.shape.flatMap((extent, i) => axes.includes(i) ? (attributes.keepDims ? [1] : []) : [extent]));
};

/** The axis of an attribute, counted from the front. */
const frontAxis = (axis: unknown, shape: number[]) => tf.util.parseAxisParam(axis as number, shape)[0];

const matMul: ShapeRule = ({ a, b }, { transposeA, transposeB }) =>
  like(a, [
    ...tf.backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2)),
    a.shape.at(transposeA ? -1 : -2)!,
    b.shape.at(transposeB ? -2 : -1)!,
  ]);

const split: ShapeRule = ({ x }, { numOrSizeSplits, axis }) => {
  const at = frontAxis(axis, x.shape);
  const sizes = typeof numOrSizeSplits === "number"
    ? new Array<number>(numOrSizeSplits).fill(x.shape[at] / numOrSizeSplits)
    : numOrSizeSplits as number[];
  return sizes.map((size) => ({ shape: x.shape.map((extent, i) => i === at ? size : extent), dtype: x.dtype }));
};

const concat: ShapeRule = (_, { axis }, list) => {
  const shape = [...list[0].shape], at = frontAxis(axis, shape);
  shape[at] = list.reduce((total, info) => total + info.shape[at], 0);
  return like(list[0], shape);
};

const gather: ShapeRule = ({ x, indices }, { axis }) => {
  const at = frontAxis(axis, x.shape);
  return like(x, [...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at + 1)]);
};

const reshape: ShapeRule = ({ x }, { shape }) =>
  like(x, tf.util.inferFromImplicitShape(shape as number[], tf.util.sizeFromShape(x.shape)));

/** Mean and inverse deviation of each row come out beside the normalised rows. */
const layerNorm: ShapeRule = ({ x }) => {
  const rows: Result = { shape: [...x.shape.slice(0, -1), 1], dtype: "float32" };
  return [{ shape: x.shape, dtype: "float32" }, rows, rows];
};

const SHAPE_RULES: [kernels: string, rule: ShapeRule][] = [
  ["Add Sub Multiply RealDiv Maximum Minimum Pow SquaredDifference", broadcast],
  [
    "Neg Exp Log Sqrt Rsqrt Square Erf Tanh Sigmoid Relu Abs Reciprocal ZerosLike OnesLike Identity",
    ({ x }) => like(x),
  ],
  ["AddN", (_, __, list) => like(list[0])],
  ["Cast", ({ x }, { dtype }) => [{ shape: x.shape, dtype: dtype as tf.DataType }]],
  ["Sum Mean Max", reduced],
  ["Softmax", ({ logits }) => like(logits)],
  ["BatchMatMul", matMul],
  ["Transpose", ({ x }, { perm }) => like(x, (perm as number[]).map((axis) => x.shape[axis]))],
  ["Reshape", reshape],
  ["Fill", (_, { shape, dtype }) => [{ shape: shape as number[], dtype: (dtype ?? "float32") as tf.DataType }]],
  ["Tile", ({ x }, { reps }) => like(x, x.shape.map((extent, i) => extent * (reps as number[])[i]))],
  ["GatherV2", gather],
  ["SplitV", split],
  ["Concat", concat],
  ["Linear", ({ x, weight }) => like(x, [x.shape[0], weight.shape[0]])],
  ["LayerNorm", layerNorm],
  ["Gelu GeluGrad", ({ x }) => like(x)],
  ...CONV_SHAPE_RULES,
  ...DEPTHWISE_SHAPE_RULES,
];

/** Registers the recording backend's kernels with tfjs; to be called once. */
export function registerTraceKernels(backend: TraceBackend): void {
  for (const [kernels, rule] of SHAPE_RULES) {
    for (const kernelName of kernels.split(" ")) {
      tf.registerKernel({
        kernelName,
        backendName: TRACE_BACKEND,
        kernelFunc: ({ inputs, attrs }) => {
          const list = Object.values(inputs as Infos);
          const attributes = (attrs ?? {}) as Attributes;
          const named = Array.isArray(inputs) || kernelName === "AddN" ? { list } : inputs as Infos;
          const outputs = backend.record(kernelName, named, attributes, rule(inputs as Infos, attributes, list));
          return outputs.length === 1 ? outputs[0] : outputs;
        },
      });
    }
  }
}
