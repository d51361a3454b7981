import type { Init, ModelParameter } from "../parameters.ts";
import type { NormStatistics } from "./convNet.ts";

/** A module of a network that has weights, and the layer that it freezes with. */
export type Module =
  & { name: string; layer: number }
  & (
    | { kind: "conv"; inputs: number; outputs: number; size: number }
    | { kind: "norm"; channels: number }
    | { kind: "linear"; inputs: number; outputs: number; weight: Init }
  );

const constant = (value: number): Init => ({ kind: "constant", value });

/**
 * Initial weights as in FreezeOut's code: convolutions normal with deviation sqrt(2 / (k k outputs)), gains 1, biases 0.
 */
function parametersOf(module: Module): ModelParameter[] {
  const weight = `${module.name}.weight`, bias = `${module.name}.bias`;
  switch (module.kind) {
    case "conv": {
      const { inputs, outputs, size } = module, std = Math.sqrt(2 / (size * size * outputs));
      return [{ name: weight, shape: [outputs, inputs, size, size], init: { kind: "normal", std } }];
    }
    case "norm":
      return [
        { name: weight, shape: [module.channels], init: constant(1) },
        { name: bias, shape: [module.channels], init: constant(0) },
      ];
    case "linear":
      return [
        { name: weight, shape: [module.outputs, module.inputs], init: module.weight },
        { name: bias, shape: [module.outputs], init: constant(0) },
      ];
  }
}

/** PyTorch's rule for the weight of a linear layer: uniform within 1 / sqrt(fan in). */
export function linearInit(inputs: number): Init {
  return { kind: "uniform", bound: 1 / Math.sqrt(inputs) };
}

/** What modules train. */
export function moduleParameters(modules: readonly Module[]): ModelParameter[] {
  return modules.flatMap(parametersOf);
}

/** The norms among modules. */
export function moduleStatistics(modules: readonly Module[]): NormStatistics[] {
  return modules.flatMap((module) =>
    module.kind === "norm" ? [{ name: module.name, channels: module.channels, layer: module.layer }] : []
  );
}

/** The layer of each parameter. */
export function moduleLayers(modules: readonly Module[]): Map<string, number> {
  return new Map(
    modules.flatMap((module) => parametersOf(module).map(({ name }): [string, number] => [name, module.layer])),
  );
}
