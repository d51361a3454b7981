import { VIT_PRESETS, type VitConfig } from "../../../core/models/config.ts";
import { encoderSize } from "../../../core/models/encoderSize.ts";
import { halfCosine } from "../../../core/schedules/cosine.ts";
import { freezeTimes } from "../../../core/schedules/freezeTimes.ts";
import { initialLrFactors, stageReduction } from "../../../core/schedules/initialLr.ts";
import type { FreezeSchedule } from "../../../core/schedules/freezeSchedule.ts";

/*
 * The functions of claims that ask the project's own code: schedules and models, never numbers written down again.
 */

/** Freezing times t_i of `layers` layers with the cubic schedule (thesis and paper, section 3.2). */
function tCubic(t0: unknown, layers: unknown): number[] {
  return times("$tCubic", t0, layers, 3);
}

/** Freezing times t_i of `layers` layers with the linear schedule. */
function tLinear(t0: unknown, layers: unknown): number[] {
  return times("$tLinear", t0, layers, 1);
}

/** SR-LR's factor for a stage, from 1, of `stages` stages (thesis section 3.5.1). */
function srlr(stage: unknown, stages: unknown, power: unknown): number {
  return stageReduction(number("$srlr", stage), number("$srlr", stages), number("$srlr", power));
}

/**
 * The area under each layer's learning-rate curve with cubic freezing and scaled rates, as a share of the base rate times
 * the length of the run (thesis eq. 5 and 6).
 */
function lrAreas(t0: unknown, layers: unknown): number[] {
  const schedule = scaledSchedule(number("$lrAreas", t0), number("$lrAreas", layers));
  const times = freezeTimes(schedule);
  return initialLrFactors(schedule).map((factor, layer) => factor * times[layer] * meanOfHalfCosine());
}

/** Freezable layers of a standard ViT: patch embedding and blocks (thesis section 3.4). */
function vitLayers(name: unknown): number {
  return preset("$vitLayers", name).depth + 1;
}

/** Millions of parameters of a standard ViT's encoder on 224-pixel images. */
function vitParameters(name: unknown): number {
  return encoderSize(preset("$vitParameters", name)) / 1e6;
}

/** By name, as expressions call them. */
export const methodFunctions = { tCubic, tLinear, srlr, lrAreas, vitLayers, vitParameters };

function times(name: string, t0: unknown, layers: unknown, power: number): number[] {
  return freezeTimes({ layers: number(name, layers), t0: number(name, t0), power });
}

/** The length of the run and the stages play no part in the initial rates. */
function scaledSchedule(t0: number, layers: number): FreezeSchedule {
  return {
    layers,
    stageBlocks: [layers - 1],
    t0,
    power: 3,
    scaled: true,
    baseLr: 1,
    minLr: 0,
    epochs: 1,
    warmupEpochs: 0,
    iterationsPerEpoch: 1,
    form: "paper",
    decoders: "block",
    clsToken: "layer0",
  };
}

/** By the midpoint rule, which is exact for half a cosine because the curve is symmetric about its middle. */
function meanOfHalfCosine(): number {
  const points = 100;
  return Array.from({ length: points }, (_, k) => halfCosine((k + 0.5) / points)).reduce((a, b) => a + b) / points;
}

function preset(name: string, key: unknown): VitConfig {
  const found = Object.entries(VIT_PRESETS).find(([preset]) => preset === key);
  if (found) return { imageSize: 224, ...found[1] };
  throw new Error(
    `${name}() knows no model ${JSON.stringify(key)}, want one of ${Object.keys(VIT_PRESETS).join(", ")}`,
  );
}

function number(name: string, value: unknown): number {
  if (typeof value === "number") return value;
  throw new Error(`${name}() was given ${JSON.stringify(value)}, want a number`);
}
