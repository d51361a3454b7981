import { freezeOutEnds, freezeOutState } from "../../core/schedules/freezeOut.ts";
import { freezeTimes } from "../../core/schedules/freezeTimes.ts";
import type { SafetensorsFile } from "../../core/safetensors/tensor.ts";
import { type Check, type Quantity, quantity } from "./check.ts";
import { bytes, doubles, fact, ints } from "./convnet.ts";
import { scheduleOf, type Variant } from "./freezeOutSchedule.ts";

/** The same float64 formulas. */
const RELATIVE = 1e-9;

const far = (actual: number, expected: number) =>
  actual === expected ? 0 : Math.abs(actual - expected) / Math.abs(expected);
const furthest = (actual: number[], expected: ArrayLike<number>) =>
  actual.length === expected.length ? Math.max(...actual.map((value, i) => far(value, expected[i]))) : Infinity;

function checkVariant(file: SafetensorsFile, name: string, variant: Variant): Quantity[] {
  const ratios = doubles(file, `${name}/lr_ratio`),
    layers = ratios.length,
    iterations = doubles(file, `${name}/lr`).length / layers;
  const schedule = scheduleOf(variant, name, layers), lr = doubles(file, `${name}/lr`);
  const active = bytes(file, `${name}/active`), froze = ints(file, `${name}/freeze_iteration`).data;
  const first = new Array<number>(layers).fill(-1);
  let rates = 0, differ = 0;
  for (let j = 0; j < iterations; j++) {
    const { layerLr, liveLayers } = freezeOutState(schedule, j);
    rates = Math.max(rates, furthest(layerLr, lr.subarray(j * layers, (j + 1) * layers)));
    liveLayers.forEach((live, layer) => {
      if (Number(live) !== active[j * layers + layer]) differ++;
      if (!live && first[layer] < 0) first[layer] = j;
    });
  }
  return [
    quantity(`${name}: t_i, relative`, furthest(freezeTimes(schedule), ratios), RELATIVE),
    quantity(`${name}: max_j, relative`, furthest(freezeOutEnds(schedule), doubles(file, `${name}/max_j`)), RELATIVE),
    quantity(`${name}: rates, relative`, rates, RELATIVE, `${iterations} iterations of ${layers} layers`),
    quantity(`${name}: states that differ`, differ, 0),
    quantity(`${name}: freezing iterations that differ`, first.filter((j, layer) => j !== froze[layer]).length, 0),
  ];
}

/**
 * Checks rates and freezing of every layer in every iteration against FreezeOut's code.
 *
 * @param file a fixture of kind "freezeout-trace"
 */
export function checkFreezeOutTrace(file: SafetensorsFile): Promise<Check> {
  const variants = Object.entries(fact<Record<string, Variant>>(file, "variants"));
  const quantities = variants.flatMap(([name, variant]) => checkVariant(file, name, variant));
  return Promise.resolve({ kind: "freezeout-trace", quantities });
}
