import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Attributes } from "./graph.ts";

type Infos = Record<string, TensorInfo>;
type Result = { shape: number[]; dtype: "float32" };

/** Result shapes of the kernels that depthwise.ts calls where the current backend offers them; images are [N, H, W, C]. */
export const DEPTHWISE_SHAPE_RULES: [kernels: string, rule: (inputs: Infos, attributes: Attributes) => Result[]][] = [
  ["Depthwise", ({ x }) => [{ shape: x.shape, dtype: "float32" }]],
  ["DepthwiseFilterGrad", ({ x }, { size }) => {
    const side = size as number;
    return [{ shape: [x.shape[3], 1, side, side], dtype: "float32" }];
  }],
];
