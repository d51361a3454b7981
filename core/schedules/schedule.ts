import { UserError } from "../errors.ts";
import type { FreezeSchedule } from "./freezeSchedule.ts";
import { initialLrFactors } from "./initialLr.ts";

export type { FreezeSchedule };

/** What a field accepts, and that in words. Written out by hand: a schema library takes longer to load than all the rest. */
interface Field {
  wanted: string;
  accepts(value: unknown): boolean;
  optional?: true;
}

/** Far beyond any model and any training; keeps a slip of the pen from taking all memory, and iterations countable. */
const MOST_LAYERS = 10_000, MOST_ITERATIONS = Number.MAX_SAFE_INTEGER;
/** Below the largest 32-bit float, in which weights are updated. */
const HIGHEST_LR = 1e30;

function number(wanted: string, accept: (value: number) => boolean): Field {
  return { wanted, accepts: (value) => typeof value === "number" && Number.isFinite(value) && accept(value) };
}

function word(...words: string[]): Field {
  return { wanted: words.join(" or "), accepts: (value) => words.some((known) => known === value) };
}

const count = number("a whole number of at least 1", (n) => Number.isInteger(n) && n >= 1);
const power: Field = { ...number("a number of at least 0", (p) => p >= 0), optional: true };

const FIELDS: Record<keyof FreezeSchedule, Field> = {
  layers: number(`a whole number from 1 to ${MOST_LAYERS}`, (n) => Number.isInteger(n) && n >= 1 && n <= MOST_LAYERS),
  stageBlocks: { wanted: "layer indices", accepts: (list) => Array.isArray(list) && list.every(Number.isFinite) },
  t0: number("a number above 0 and at most 1", (t0) => t0 > 0 && t0 <= 1),
  power: number("a number above 0", (p) => p > 0),
  scaled: { wanted: "true or false", accepts: (value) => typeof value === "boolean" },
  srLr: power,
  lrLr: power,
  baseLr: number("a number above 0", (lr) => lr > 0),
  minLr: number("a number of at least 0", (lr) => lr >= 0),
  epochs: count,
  warmupEpochs: number("a number of at least 0", (epochs) => epochs >= 0),
  iterationsPerEpoch: count,
  form: word("code", "paper"),
  decoders: word("block", "global"),
  clsToken: word("layer0", "global"),
};
const NAMES = Object.keys(FIELDS) as (keyof FreezeSchedule)[];

/** A field of a schedule that does not fit the other fields, and what it should be. */
function conflict(s: FreezeSchedule): { field: keyof FreezeSchedule; wanted: string } | undefined {
  const ascending = s.stageBlocks.every((b, k) =>
    Number.isInteger(b) && b >= 0 && (k === 0 || b > s.stageBlocks[k - 1])
  );
  if (!ascending || s.stageBlocks.at(-1) !== s.layers - 1) {
    return { field: "stageBlocks", wanted: `ascending layer indices that end with the last layer, ${s.layers - 1}` };
  }
  if (s.epochs * s.iterationsPerEpoch > MOST_ITERATIONS) {
    return { field: "epochs", wanted: `a run of at most ${MOST_ITERATIONS} iterations` };
  }
  if (s.minLr > s.baseLr) return { field: "minLr", wanted: `at most the base LR, ${s.baseLr}` };
  if (s.warmupEpochs >= s.epochs) return { field: "warmupEpochs", wanted: `fewer than the run's ${s.epochs} epochs` };
  if (s.lrLr !== undefined && !s.scaled) return { field: "lrLr", wanted: "no such power on an unscaled schedule" };
  if (s.t0 === 1) {
    const wanted = "no such power with t0 = 1, where no layer has a rate of its own";
    if (s.srLr) return { field: "srLr", wanted };
    if (s.lrLr !== undefined) return { field: "lrLr", wanted };
  }
  if (!(s.t0 ** s.power > Number.MIN_VALUE)) return { field: "power", wanted: "one that keeps t0 ^ power above 0" };
  const highest = s.baseLr * Math.max(1, ...initialLrFactors(s));
  if (!(highest <= HIGHEST_LR)) return { field: "baseLr", wanted: `no layer to start above ${HIGHEST_LR}` };
  const firstFreezes = s.layers === 1 ? s.epochs : s.t0 ** s.power * s.epochs;
  if (s.form === "paper" && firstFreezes <= s.warmupEpochs) {
    const found = `here layer 0 freezes at epoch ${firstFreezes.toFixed(2)} of ${s.epochs}`;
    return {
      field: "t0",
      wanted: `a first freeze after the ${s.warmupEpochs} epochs of warm-up in form paper; ${found}`,
    };
  }
}

/**
 * Checks that a value, e.g. read from JSON, is a schedule that can be run.
 *
 * A setting that would have no effect is refused as well: LR-LR without scaling, SR-LR or LR-LR without freezing.
 *
 * @throws {UserError} with the first field that does not fit, the value found and the value wanted
 * @returns a copy
 * @example When does block 4 of ViT-B freeze, and what trains at iteration 40,000?
 * ```ts
 * import { checkSchedule, freezeState, layerPlan } from "@vitfreeze/vitfreeze/schedules";
 * import { deepStrictEqual } from "node:assert";
 *
 * const schedule = checkSchedule({
 *   layers: 13, stageBlocks: [2, 4, 10, 12], t0: 0.8, power: 3, scaled: true, baseLr: 1.6e-3, minLr: 1e-6,
 *   epochs: 100, warmupEpochs: 10, iterationsPerEpoch: 625, form: "code", decoders: "block", clsToken: "layer0",
 * });
 * deepStrictEqual(layerPlan(schedule).layers[4].freezeEpoch?.toFixed(1), "68.6");
 * deepStrictEqual(freezeState(schedule, 40_000).firstLiveLayer, 3); // patch embedding and two blocks are frozen
 * ```
 */
export function checkSchedule(value: unknown): FreezeSchedule {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UserError(`Cannot use ${JSON.stringify(value)} as a schedule: want an object`);
  }
  const given = value as Record<string, unknown>;
  const refuse = (field: string, wanted: string): never => {
    throw new UserError(`Cannot use ${field} ${JSON.stringify(given[field])} in a schedule: want ${wanted}`);
  };
  for (const name of NAMES) {
    const { accepts, wanted, optional } = FIELDS[name];
    if (!accepts(given[name]) && !(optional && given[name] === undefined)) refuse(name, wanted);
  }
  const unknown = Object.keys(given).find((key) => !Object.hasOwn(FIELDS, key));
  if (unknown !== undefined) {
    throw new UserError(`Cannot use a schedule with '${unknown}': want ${NAMES.join(", ")}`);
  }
  const schedule = structuredClone(given) as unknown as FreezeSchedule, fault = conflict(schedule);
  if (fault) refuse(fault.field, fault.wanted);
  return schedule;
}
