import { z } from "zod";
import { UserError } from "../errors.ts";
import type { FreezeSchedule } from "./freezeSchedule.ts";
import { initialLrFactors } from "./initialLr.ts";

export type { FreezeSchedule };

/** What is not accepted ends the check: `conflict` is for schedules whose fields are right by themselves. */
function number(wanted: string, accept: (value: number) => boolean) {
  return z.number(wanted).refine(accept, { error: wanted, abort: true });
}

const count = number("a whole number of at least 1", (n) => Number.isInteger(n) && n >= 1);
/** Far beyond any model and any training; keeps a slip of the pen from taking all memory, and iterations countable. */
const MOST_LAYERS = 10_000, MOST_ITERATIONS = Number.MAX_SAFE_INTEGER;
/** Below the largest 32-bit float, in which weights are updated. */
const HIGHEST_LR = 1e30;
const power = number("a number of at least 0", (p) => p >= 0);

const fields = z.strictObject({
  layers: number(`a whole number from 1 to ${MOST_LAYERS}`, (n) => Number.isInteger(n) && n >= 1 && n <= MOST_LAYERS),
  stageBlocks: z.array(z.number("layer indices")),
  t0: number("a number above 0 and at most 1", (t0) => t0 > 0 && t0 <= 1),
  power: number("a number above 0", (p) => p > 0),
  scaled: z.boolean("true or false"),
  srLr: power.optional(),
  lrLr: power.optional(),
  baseLr: number("a number above 0", (lr) => lr > 0),
  minLr: number("a number of at least 0", (lr) => lr >= 0),
  epochs: count,
  warmupEpochs: number("a number of at least 0", (epochs) => epochs >= 0),
  iterationsPerEpoch: count,
  form: z.enum(["code", "paper"], "code or paper"),
  decoders: z.enum(["block", "global"], "block or global"),
  clsToken: z.enum(["layer0", "global"], "layer0 or global"),
});

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

/** What a freezing schedule must look like, for use inside a larger zod schema; see `checkSchedule`. */
export const freezeScheduleSchema = fields.superRefine((schedule, context) => {
  const found = conflict(schedule);
  if (found) context.addIssue({ code: "custom", path: [found.field], message: found.wanted });
});

/**
 * Checks that a value, e.g. read from JSON, is a schedule that can be run.
 *
 * A setting that would have no effect is refused as well: LR-LR without scaling, SR-LR or LR-LR without freezing.
 *
 * @throws {UserError} with the first field that does not fit, the value found and the value wanted
 */
export function checkSchedule(value: unknown): FreezeSchedule {
  const parsed = freezeScheduleSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  if (issue.code === "unrecognized_keys") {
    throw new UserError(`Cannot use a schedule with '${issue.keys[0]}': want ${Object.keys(fields.shape).join(", ")}`);
  }
  const field = issue.path[0];
  if (field === undefined) throw new UserError(`Cannot use ${JSON.stringify(value)} as a schedule: want an object`);
  const found = JSON.stringify((value as Record<PropertyKey, unknown>)[field]);
  throw new UserError(`Cannot use ${String(field)} ${found} in a schedule: want ${issue.message}`);
}
