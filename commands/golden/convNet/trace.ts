import { getTensor } from "../../../core/safetensors/get.ts";
import type { SafetensorsFile } from "../../../core/safetensors/tensor.ts";
import {
  freezeOutIterations,
  freezeOutLengths,
  type FreezeOutSchedule,
  freezeOutState,
  freezeOutTimes,
} from "../../../core/schedules/freezeOut.ts";
import { type Check, type Quantity, quantity, relativeError } from "../check.ts";
import { type FixtureConfig, metadataOf, scheduleOf } from "./fixture.ts";

/** Rates: the same formula in double precision; another library's cosine may round its last bit otherwise. */
const TOLERANCE = 1e-9;

/** Rates, activity and first frozen iterations of a variant beside the schedule's. */
export function compareSchedule(file: SafetensorsFile, variant: string, schedule: FreezeOutSchedule): Quantity[] {
  const { data: rates, shape: [iterations, layers] } = getTensor(file, `${variant}/lr`, Float64Array);
  const active = getTensor(file, `${variant}/active`, Uint8Array).data;
  const first = getTensor(file, `${variant}/freeze_iteration`, Int32Array).data;
  let rateError = schedule.layers === layers ? 0 : NaN, differing = 0;
  for (let iteration = 0; iteration < iterations; iteration++) {
    const { layerLr, liveLayers } = freezeOutState(schedule, iteration);
    for (let layer = 0; layer < layers; layer++) {
      const at = iteration * layers + layer, error = relativeError(layerLr[layer], rates[at]);
      if (!(error <= rateError)) rateError = error;
      if (Number(liveLayers[layer]) !== active[at]) differing++;
    }
  }
  const frozen = freezeOutIterations(schedule).filter((iteration, layer) => (iteration ?? -1) !== first[layer]);
  return [
    quantity(`${variant}: rates, relative`, rateError, TOLERANCE, `${iterations} iterations of ${layers} layers`),
    quantity(`${variant}: activity, entries that differ`, differing, 0),
    quantity(`${variant}: first frozen iterations, layers that differ`, frozen.length, 0),
  ];
}

/** Layers that a trace's modules count: the head's modules share one. */
function layersOf(file: SafetensorsFile): number {
  return 1 + Math.max(...Object.values(metadataOf<Record<string, number>>(file, "layers")));
}

/** What the released code makes of t_i and max_j, exact. */
function compareTimes(file: SafetensorsFile, variant: string, schedule: FreezeOutSchedule): Quantity {
  const ratio = getTensor(file, `${variant}/lr_ratio`, Float64Array).data;
  const longest = getTensor(file, `${variant}/max_j`, Float64Array).data;
  const errors = [
    ...freezeOutTimes(schedule).map((t, i) => relativeError(t, ratio[i])),
    ...freezeOutLengths(schedule).map((length, i) => relativeError(length, longest[i])),
  ];
  return quantity(`${variant}: t_i and max_j, relative`, Math.max(...errors), TOLERANCE);
}

/**
 * Checks FreezeOut's schedule against traces of the released code, for every variant in the file.
 *
 * @param file a fixture of kind "freezeout-trace"
 * @throws {UserError} when a tensor is missing
 */
export function checkFreezeOutTrace(file: SafetensorsFile): Promise<Check> {
  const layers = layersOf(file), iterations = metadataOf<number>(file, "iterations");
  const variants = Object.entries(metadataOf<Record<string, FixtureConfig>>(file, "variants"));
  const quantities = variants.flatMap(([variant, config]) => {
    const schedule = scheduleOf(config, layers, iterations);
    return [...compareSchedule(file, variant, schedule), compareTimes(file, variant, schedule)];
  });
  return Promise.resolve({ kind: "freezeout-trace", quantities });
}
