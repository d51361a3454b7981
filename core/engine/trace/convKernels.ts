import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Attributes } from "./graph.ts";

type Infos = Record<string, TensorInfo>;
type Result = { shape: number[]; dtype: "float32" };

const float = (...shapes: number[][]): Result[] => shapes.map((shape) => ({ shape, dtype: "float32" }));

/** Positions of a kernel along a side. */
const positions = (extent: number, size: number, { stride, padding }: Attributes) =>
  Math.floor((extent + 2 * (padding as number) - size) / (stride as number)) + 1;

/** Result shapes of the kernels that convOps.ts calls where the current backend offers them; images are [N, C, H, W]. */
export const CONV_SHAPE_RULES: [kernels: string, rule: (inputs: Infos, attributes: Attributes) => Result[]][] = [
  [
    "ConvForward",
    ({ x: { shape: [n, , h, w] }, weight: { shape: [out, , kh, kw] } }, attributes) =>
      float([n, out, positions(h, kh, attributes), positions(w, kw, attributes)]),
  ],
  ["ConvInputGrad ImageMeanGrad WindowMeanGrad", ({ like }) => float(like.shape)],
  ["ConvFilterGrad", ({ x, dy }, { size }) => float([dy.shape[1], x.shape[1], size as number, size as number])],
  ["ChannelMoments", ({ x }) => float([x.shape[1]], [x.shape[1]])],
  ["ChannelSum ChannelDot", ({ x }) => float([x.shape[1]])],
  ["ChannelAffine BatchNormGrad WindowMaxGrad", ({ x }) => float(x.shape)],
  ["ReluGrad", ({ dy }) => float(dy.shape)],
  ["ImageMean", ({ x }) => float(x.shape.slice(0, 2))],
  [
    "WindowMean WindowMax",
    ({ x: { shape: [n, c, h, w] } }, { size }) => float([n, c, h / (size as number), w / (size as number)]),
  ],
];
