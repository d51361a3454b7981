import { type Flag, numberFlag, type Parsed } from "../../cli/args.ts";
import { wholeFlag } from "../../cli/wholeFlag.ts";
import { UserError } from "../../core/errors.ts";
import { checkSchedule } from "../../core/schedules/schedule.ts";
import type { FreezeSchedule } from "../../core/schedules/freezeSchedule.ts";
import { defaultStageBlocks } from "../../core/schedules/stages.ts";

/** The flags of the schedule command; those without a default here have no effect when absent. */
export const scheduleFlags: Record<string, Flag> = {
  layers: { type: "string", value: "N", help: "patch embedding and blocks", default: "13" },
  t0: { type: "string", value: "T", help: "freezing time of layer 0, in (0, 1]; 1 is no freezing", default: "0.8" },
  power: { type: "string", value: "P", help: "1 linear, 3 cubic (default 3)" },
  unscaled: { type: "boolean", help: "start every layer at the base LR instead of base / t_i" },
  "sr-lr": { type: "string", value: "P", help: "power of the stage-wise reduction SR-LR (default off)" },
  "lr-lr": { type: "string", value: "P", help: "power of the layer-wise reduction LR-LR, base / t_i^P (default off)" },
  epochs: { type: "string", value: "N", help: "length of the run, warm-up included", default: "100" },
  warmup: { type: "string", value: "N", help: "epochs of warm-up", default: "10" },
  form: { type: "string", value: "FORM", help: "code (t_i counts from the end of warm-up) or paper (default code)" },
  stages: { type: "string", value: "LIST", help: "layers that feed decoders (default 2,4,L-3,L-1 for L layers)" },
  "base-lr": { type: "string", value: "LR", help: "base learning rate", default: "1" },
  json: { type: "boolean", help: "print one JSON object" },
  svg: { type: "string", value: "FILE", path: true, help: "write the learning-rate curves" },
};

/**
 * The schedule that a command line asks for.
 *
 * @throws {UserError} on a value out of range, and on a flag that would have no effect beside the others
 */
export function scheduleOf(values: Parsed["values"]): FreezeSchedule {
  const layers = wholeFlag("layers", values.layers, 1);
  const t0 = numberFlag("t0", values.t0, (t) => t > 0 && t <= 1, "a number above 0 and at most 1");
  const atLeast0 = (name: string) => numberFlag(name, values[name], (p) => p >= 0, "a number of at least 0");
  refuseIdleFlags(values, t0);
  return checkSchedule({
    layers,
    t0,
    stageBlocks: values.stages === undefined ? defaultStageBlocks(layers) : stageList(String(values.stages)),
    power: values.power === undefined ? 3 : numberFlag("power", values.power, (p) => p > 0, "a number above 0"),
    scaled: !values.unscaled,
    ...(values["sr-lr"] === undefined ? {} : { srLr: atLeast0("sr-lr") }),
    ...(values["lr-lr"] === undefined ? {} : { lrLr: atLeast0("lr-lr") }),
    baseLr: numberFlag("base-lr", values["base-lr"], (lr) => lr > 0, "a number above 0"),
    minLr: 0,
    epochs: wholeFlag("epochs", values.epochs, 1),
    warmupEpochs: atLeast0("warmup"),
    iterationsPerEpoch: 1,
    form: values.form ?? "code",
    decoders: "block",
    clsToken: "layer0",
  });
}

function stageList(text: string): number[] {
  const whole = (value: number) => Number.isInteger(value) && value >= 0;
  return text.split(",").map((word) => numberFlag("stages", word, whole, "layer numbers with commas, e.g. 2,4,10,12"));
}

/** A flag that would change nothing is a misunderstanding, so it is refused. */
function refuseIdleFlags(values: Parsed["values"], t0: number): void {
  if (values["lr-lr"] !== undefined && values.unscaled) {
    throw new UserError("Cannot use --lr-lr with --unscaled: LR-LR reduces the scaling; want one of the two");
  }
  const idle = ["power", "unscaled", "sr-lr", "lr-lr", "form"].find((name) => values[name] !== undefined);
  if (t0 === 1 && idle) {
    throw new UserError(`Cannot use --${idle} with --t0 1: nothing freezes, so it has no effect; want --t0 below 1`);
  }
}
