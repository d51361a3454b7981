import { UserError } from "../../core/errors.ts";
import { getTensor } from "../../core/safetensors/get.ts";
import type { SafetensorsFile } from "../../core/safetensors/tensor.ts";
import { type Check, quantity } from "./check.ts";
import { compareFreezeTrace } from "./freezeTrace.ts";

/** The same float64 formulas, evaluated in another order. */
const relativeTolerance = 1e-9;

/**
 * Checks the schedule against a trace of the released optimiser: `cfg` [8], `lr` [iterations, layers] and, per
 * iteration, `min_active`, `n_decoders` and `cls_lr`.
 *
 * @throws {UserError} when a tensor is missing or a shape does not fit
 */
export function checkFreezeTrace(file: SafetensorsFile): Promise<Check> {
  const lr = getTensor(file, "lr", Float64Array), [iterations, layers] = lr.shape;
  const perIteration = [iterations];
  const fixture = {
    cfg: sized(file, "cfg", [8], Float64Array),
    lr: sized(file, "lr", [iterations, layers], Float64Array),
    min_active: sized(file, "min_active", perIteration, Int32Array),
    n_decoders: sized(file, "n_decoders", perIteration, Int32Array),
    cls_lr: sized(file, "cls_lr", perIteration, Float64Array),
  };
  const { lr: lrError, clsLr, minActiveMismatches, decoderMismatches } = compareFreezeTrace(fixture);
  const quantities = [
    quantity("lr, relative", lrError, relativeTolerance),
    quantity("cls_lr, relative", clsLr, relativeTolerance),
    quantity("min_active, iterations that differ", minActiveMismatches, 0),
    quantity("n_decoders, iterations that differ", decoderMismatches, 0),
  ];
  return Promise.resolve({ kind: "freeze-trace", quantities });
}

function sized<T extends Float64Array | Int32Array>(
  file: SafetensorsFile,
  key: string,
  wanted: number[],
  type: abstract new (...args: never[]) => T,
): T {
  const { shape, data } = getTensor(file, key, type);
  if (shape.join() !== wanted.join()) {
    const shapes = `shape [${shape.join(", ")}], want [${wanted.join(", ")}]`;
    throw new UserError(`Cannot check ${file.name}: tensor '${key}' has ${shapes}`);
  }
  return data;
}
